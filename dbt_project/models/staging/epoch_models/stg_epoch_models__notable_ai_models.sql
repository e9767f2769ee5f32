{{ epoch_list('notable_ai_models') }}
