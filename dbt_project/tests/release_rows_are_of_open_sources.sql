-- No row-level fact of a source that allows aggregates only is published.
{% set facts = [
    'fct_activity_repository_week', 'fct_model_derivative', 'fct_model_release', 'fct_paper',
    'fct_policy_document', 'fct_repository_hour', 'fct_repository_week'
] -%}

with published as (
    {% for fact in facts %}
        select source from {{ ref('release_' ~ fact) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select source from published
where source in (select source from {{ ref('release_aggregate_sources') }})
