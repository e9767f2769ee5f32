-- One branch a domain: a new outcome's intermediate model is one more name in this list.
{% set domains = [
    'derivatives',
    'epoch',
    'mentions',
    'policy',
    'ranking',
    'trending',
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
        period as month,
        outcome,
        value,
        n_units,
        coverage,
        is_complete,
        regime,
        source
    from unioned
    where frequency = 'month' and left_out is null
)

select * from final
