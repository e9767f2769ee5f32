{{ publishable_links('bridge_paper_country', 'fct_paper', 'paper_id') }}
