with outcomes as (
    select * from {{ ref('outcomes') }}
),

final as (
    select
        outcome,
        title,
        description,
        unit,
        frequency,
        grain,
        family,
        estimator,
        country_role,
        zero_rule,
        window_start,
        window_end,
        claim,
        licence,
        publishable,
        is_primary
    from outcomes
)

select * from final
