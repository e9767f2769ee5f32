{{ epoch_list('large_scale_ai_models') }}
