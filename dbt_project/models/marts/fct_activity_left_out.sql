with activity as (
    select * from {{ ref('int_activity') }}
    where is_newest
),

remaining as (
    select
        outcome,
        left_out,
        sum(n_units) as units
    from activity
    where left_out is not null
    group by all
),

whole as (
    select
        outcome,
        sum(n_units) as units
    from activity
    where left_out is null
    group by all
),

-- an outcome that loses no unit would only repeat the whole; by the places of teams units move
touched as (
    select
        remaining.outcome,
        remaining.left_out
    from remaining
    inner join whole on remaining.outcome = whole.outcome
    where remaining.units < whole.units or remaining.left_out = 'team_places'
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
    from activity
    semi join touched using (outcome, left_out)
)

select * from final
