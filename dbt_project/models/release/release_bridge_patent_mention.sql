{{ publishable_links('bridge_patent_mention', 'fct_patent', 'document_id') }}
