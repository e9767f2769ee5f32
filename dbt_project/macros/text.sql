{#- Text as people wrote it, made comparable. -#}

{#- Line breaks and repeated blanks become one blank. -#}
{% macro one_line(column) -%}
    trim(regexp_replace({{ column }}, '\s+', ' ', 'g'))
{%- endmacro %}

{#- Lower-case letters and digits joined by hyphens: the readable part of an id. Accents are dropped, `+` and
    Greek letters are said, so that PanGu-α and PanGu-Σ stay two models. -#}
{% macro slug(expression) -%}
    {%- set said = {
        '+': 'plus', 'α': 'alpha', 'β': 'beta', 'γ': 'gamma', 'δ': 'delta', 'λ': 'lambda', 'μ': 'mu',
        'π': 'pi', 'σ': 'sigma', 'φ': 'phi', 'ω': 'omega'
    } -%}
    {%- set plain = namespace(text='lower(strip_accents(' ~ expression ~ '))') -%}
    {%- for letter, word in said.items() -%}
        {%- set plain.text = "replace(" ~ plain.text ~ ", '" ~ letter ~ "', ' " ~ word ~ " ')" -%}
    {%- endfor -%}
    trim(regexp_replace({{ plain.text }}, '[^a-z0-9]+', '-', 'g'), '-')
{%- endmacro %}
