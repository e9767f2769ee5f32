{{ publishable_rows('fct_paper') }}
