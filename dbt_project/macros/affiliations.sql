{#- A name of an institution as names are compared: lower case, single blanks, plain apostrophes, no leading
    "the", no full stop behind it. -#}
{% macro affiliation_key(column) -%}
    regexp_replace(
        trim(lower(replace(regexp_replace({{ column }}, '\s+', ' ', 'g'), '’', '''')), ' .'), '^the ', ''
    )
{%- endmacro %}
