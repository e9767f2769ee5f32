{{ publishable_rows('fct_policy_document') }}
