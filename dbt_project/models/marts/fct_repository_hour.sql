with hours as (
    select
        ids.repository_id,
        hours.week,
        hours.hour_of_week,
        hours.event,
        sum(hours.events)::bigint as events,
        case when count(hours.actors) = count(*) then sum(hours.actors)::bigint end as actors
    from {{ ref('stg_github_events__repository_hours') }} as hours
    inner join {{ ref('int_repository_ids') }} as ids on hours.name = ids.name
    where not hours.is_bot
    group by all
),

judged as (
    select * from {{ ref('int_github_event_hours') }}
),

final as (
    select
        hours.repository_id,
        hours.week,
        hours.hour_of_week,
        hours.event,
        hours.events,
        hours.actors,
        coalesce(judged.regime = 'event_hours', false) as is_complete,
        coalesce(judged.regime, 'missing_hour') as regime,
        'github_events' as source
    from hours
    left join judged
        on
            hours.week = judged.week
            and hours.hour_of_week = judged.hour_of_week
            and hours.event = judged.event
)

select * from final
