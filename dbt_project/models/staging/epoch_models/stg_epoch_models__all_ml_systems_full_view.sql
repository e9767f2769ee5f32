{{ epoch_list('all_ml_systems_full_view') }}
