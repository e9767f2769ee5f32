{{ named_in_texts('agora_fulltext') }}
