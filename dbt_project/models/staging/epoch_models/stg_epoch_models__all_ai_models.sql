{{ epoch_list('all_ai_models') }}
