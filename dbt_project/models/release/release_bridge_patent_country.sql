{{ publishable_links('bridge_patent_country', 'fct_patent', 'document_id') }}
