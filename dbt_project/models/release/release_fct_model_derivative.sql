{{ publishable_rows('fct_model_derivative') }}
