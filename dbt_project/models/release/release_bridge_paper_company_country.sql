{{ publishable_links('bridge_paper_company_country', 'fct_paper', 'paper_id') }}
