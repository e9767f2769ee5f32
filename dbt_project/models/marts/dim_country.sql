with countries as (
    select * from {{ ref('countries') }}
),

final as (
    select
        country,
        name,
        region,
        is_treated,
        is_default_donor,
        holiday_calendar
    from countries
)

select * from final
