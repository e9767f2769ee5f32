with calendar as (
    select * from {{ ref('calendar') }}
),

final as (
    select
        month,
        date_trunc('quarter', month)::date as quarter,
        date_trunc('year', month)::date as year,
        cn_holiday_days,
        us_holiday_days,
        is_dst_us,
        is_dst_eu,
        has_golden_week
    from calendar
)

select * from final
