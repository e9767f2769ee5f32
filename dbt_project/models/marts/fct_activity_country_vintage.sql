-- One branch a domain whose source has several dated versions.
{% set domains = [
    'derivatives',
    'epoch',
    'innovation_graph',
] -%}

with unioned as (
    {% for domain in domains %}
        select * from {{ ref('int_activity_vintage__' ~ domain) }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

final as (
    select
        country,
        period,
        frequency,
        outcome,
        vintage,
        value,
        is_complete,
        source
    from unioned
)

select * from final
