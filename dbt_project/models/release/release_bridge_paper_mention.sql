{{ publishable_links('bridge_paper_mention', 'fct_paper', 'paper_id') }}
