{{ publishable_rows('fct_patent') }}
