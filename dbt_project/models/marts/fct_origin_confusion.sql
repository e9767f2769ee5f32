with hours as (
    select
        actor,
        country as profile_country,
        date_trunc('year', week + (hour_of_week // 24)::int)::date as year,
        event,
        if(hour_of_week % 24 < 17, 'CN', 'US') as method_country,
        events
    from {{ ref('int_github_event_actors') }}
),

final as (
    select
        year,
        event,
        'clock_17utc' as method,
        method_country,
        profile_country,
        sum(events)::bigint as events,
        count(distinct actor)::bigint as actors
    from hours
    group by all
)

select * from final
