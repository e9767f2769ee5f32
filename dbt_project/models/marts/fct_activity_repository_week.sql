with unioned as (
    {{ union_of('int_repository_weeks') }}
),

calendar as (
    select * from {{ ref('calendar_weeks') }}
),

final as (
    select
        unioned.repository_id,
        unioned.country,
        unioned.country_method,
        unioned.week,
        unioned.outcome,
        unioned.value,
        unioned.is_complete,
        unioned.regime,
        unioned.source,
        unioned.first_week,
        unioned.kind,
        calendar.cn_holiday_days
    from unioned
    left join calendar on unioned.week = calendar.week
)

select * from final
