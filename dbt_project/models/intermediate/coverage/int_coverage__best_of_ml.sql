{{ weekly_files('best_of_ml', 'projects') }}
