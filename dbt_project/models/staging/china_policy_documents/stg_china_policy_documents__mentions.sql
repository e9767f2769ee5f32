{{ named_in_texts('china_policy_documents') }}
