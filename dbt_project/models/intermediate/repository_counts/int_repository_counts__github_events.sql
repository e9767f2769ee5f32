-- A week holds stars and forks whole, or it is not complete: the regime is the worse one's. By owner the lists'
-- weeks go first: their gains are net of withdrawn stars, the stream's are not, and one line should be one thing.
with flows as (
    select * from {{ ref('int_github_event_flows') }}
),

weeks as (
    select
        week,
        min(hours_whole) as hours_whole,
        case
            when bool_or(regime = 'collector_break') then 'collector_break'
            when bool_or(regime = 'events_missing') then 'events_missing'
            when bool_or(regime = 'partly_seen') then 'partly_seen'
            else 'event_hours'
        end as regime
    from {{ ref('int_github_event_weeks') }}
    where event in ('star', 'fork')
    group by week
),

final as (
    select
        flows.repository_id,
        flows.country,
        flows.country_method,
        flows.week,
        flows.stars,
        flows.forks,
        null::bigint as commits,
        null::bigint as stars_total,
        null::bigint as forks_total,
        (weeks.hours_whole // 24)::bigint as days_observed,
        if(weeks.regime = 'event_hours' and flows.week = flows.first_week, 'first_week', weeks.regime) as regime,
        weeks.regime = 'event_hours' and flows.week > flows.first_week as is_complete,
        'github_events' as source,
        4 as preference
    from flows
    inner join weeks on flows.week = weeks.week
)

select * from final
