-- Absent is unknown: a board shows what somebody submitted to it.
with derivatives as (
    select * from {{ ref('int_leaderboard_derivatives') }}
),

final as (
    select
        country,
        month as period,
        'month' as frequency,
        'derivatives_created' as outcome,
        left_out,
        version as vintage,
        version = newest_version as is_newest,
        models::double as value,
        models::bigint as n_units,
        null::double as coverage,
        is_complete,
        regime,
        'llm_leaderboards' as source
    from derivatives
)

select * from final
