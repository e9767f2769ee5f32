with actors as (
    select * from {{ ref('int_github_event_actors') }}
),

final as (
    select
        actor,
        country,
        date_trunc('year', week + (hour_of_week // 24)::int)::date as year,
        hour_of_week % 24 as hour_of_day,
        event,
        sum(events)::bigint as events
    from actors
    group by all
)

select * from final
