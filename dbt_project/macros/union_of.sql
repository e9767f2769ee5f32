{#- Every model of a kind (`<kind>__<part>`), one below the other. Which parts there are is the project's own
    folder (orchestration/warehouse.py looks and gives it as a variable), so that a new model is no line here. -#}
{% macro union_of(kind) %}
    {%- set parts = var(kind, none) -%}
    {%- if parts is none -%}
        {{ exceptions.raise_compiler_error(
            kind ~ ': the variable that names its parts is not given; run dbt with '
            ~ '--vars "$(python -m orchestration.warehouse vars)"'
        ) }}
    {%- endif -%}
    {%- for part in parts %}
    select * from {{ ref(kind ~ '__' ~ part) }}
    {% if not loop.last %}union all by name{% endif %}
    {%- endfor %}
{%- endmacro %}
