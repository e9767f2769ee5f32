{{ publishable_links('bridge_policy_document_mention', 'fct_policy_document', 'document_id') }}
