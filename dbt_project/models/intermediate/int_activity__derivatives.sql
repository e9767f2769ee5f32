-- The newest version alone. Absent is unknown: a board shows what somebody submitted to it.
with derivatives as (
    select * from {{ ref('int_derivatives_by_month') }}
),

final as (
    select
        country,
        month as period,
        'month' as frequency,
        'derivatives_created' as outcome,
        left_out,
        models::double as value,
        models::bigint as n_units,
        null::double as coverage,
        is_complete,
        regime,
        'llm_leaderboards' as source
    from derivatives
    where version = newest_version
)

select * from final
