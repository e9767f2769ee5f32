{{ named_in_texts('federal_register_posts') }}
