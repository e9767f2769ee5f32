{{ publishable_links('bridge_policy_document_theme', 'fct_policy_document', 'document_id') }}
