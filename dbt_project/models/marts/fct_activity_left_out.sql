-- The domains whose intermediate models count without units, too: the other ones hold nothing to leave out.
{% set domains = [
    'derivatives',
    'epoch',
    'mentions',
    'ranking',
    'trending',
] -%}

with unioned as (
    {% for domain in domains %}
        select * from {{ ref('int_activity__' ~ domain) }}
        where left_out is not null
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

remaining as (
    select
        outcome,
        left_out,
        sum(n_units) as units
    from unioned
    group by all
),

whole as (
    select
        outcome,
        sum(n_units) as units
    from {{ ref('fct_activity_country_month') }}
    group by all
),

-- an outcome that loses no unit would only repeat the whole
touched as (
    select
        remaining.outcome,
        remaining.left_out
    from remaining
    inner join whole on remaining.outcome = whole.outcome
    where remaining.units < whole.units
),

final as (
    select
        country,
        period,
        frequency,
        outcome,
        left_out,
        value,
        n_units,
        is_complete,
        regime,
        source
    from unioned
    semi join touched using (outcome, left_out)
)

select * from final
