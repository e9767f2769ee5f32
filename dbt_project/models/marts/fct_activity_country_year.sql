-- One branch a domain: a new outcome's intermediate model is one more name in this list.
{% set domains = [
    'eto',
    'venues',
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
        period as year,
        outcome,
        value,
        n_units,
        coverage,
        is_complete,
        regime,
        source
    from unioned
    where frequency = 'year'
)

select * from final
