with derivatives as (
    select * from {{ ref('int_derivatives_by_month') }}
),

final as (
    select
        country,
        month as period,
        'month' as frequency,
        'derivatives_created' as outcome,
        version as vintage,
        models::double as value,
        is_complete,
        'llm_leaderboards' as source
    from derivatives
    where left_out is null
)

select * from final
