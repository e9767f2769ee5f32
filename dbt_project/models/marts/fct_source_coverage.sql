-- One branch a domain, as in the activity facts.
{% set domains = [
    'derivatives',
    'epoch',
    'eto',
    'innovation_graph',
    'mentions',
    'policy',
    'ranking',
    'trending',
    'venues',
] -%}

with unioned as (
    {% for domain in domains %}
        select * from {{ ref('int_coverage__' ~ domain) }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

final as (
    select
        source,
        month,
        expected,
        observed,
        rejected,
        share,
        unit,
        regime,
        note
    from unioned
)

select * from final
