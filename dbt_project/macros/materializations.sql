{#- A relation that is not there yet, as in every whole build, is made under its own name: dbt's way of
    building beside, renaming and dropping is three macros and their contexts more for each relation. -#}

{% materialization table, adapter="duckdb" %}
    {%- if load_cached_relation(this) is not none -%}
        {{ return(dbt.materialization_table_duckdb()) }}
    {%- endif -%}
    {{ return(made_anew('table')) }}
{% endmaterialization %}

{% materialization view, adapter="duckdb" %}
    {%- if load_cached_relation(this) is not none -%}
        {{ return(dbt.materialization_view_default()) }}
    {%- endif -%}
    {{ return(made_anew('view')) }}
{% endmaterialization %}

{% macro made_anew(type) %}
    {%- set target = this.incorporate(type=type) -%}
    {%- call statement('main') -%}
        {{ create_table_as(False, target, compiled_code, 'sql') if type == 'table'
            else get_create_view_as_sql(target, compiled_code) }}
    {%- endcall -%}
    {{ adapter.commit() }}
    {{ return({'relations': [target]}) }}
{% endmacro %}
