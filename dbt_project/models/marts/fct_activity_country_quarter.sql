-- One branch a domain: a new outcome's intermediate model is one more name in this list.
{% set domains = [
    'innovation_graph',
] -%}

with unioned as (
    {% for domain in domains %}
        select * from {{ ref('int_activity__' ~ domain) }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

final as (
    select
        country,
        period as quarter,
        outcome,
        value,
        n_units,
        coverage,
        is_complete,
        regime,
        source
    from unioned
    where frequency = 'quarter'
)

select * from final
