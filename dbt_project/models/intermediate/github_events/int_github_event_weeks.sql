-- A known break spoils every week that it touches; of other faults a week may have one hour of its 168.
{{ config(materialized='table') }}

{% set faulty_hours_allowed = 1 %}

with hours as (
    select * from {{ ref('int_github_event_hours') }}
),

counted as (
    select
        week,
        event,
        count(*) filter (where is_there) as hours_there,
        count(*) filter (where regime = 'event_hours') as hours_whole,
        count(*) filter (where regime = 'collector_break') as hours_broken,
        count(*) filter (where regime in ('pushes_only', 'few_events')) as hours_without
    from hours
    group by week, event
),

final as (
    select
        week,
        event,
        hours_whole,
        case
            when hours_broken > 0 then 'collector_break'
            when 168 - hours_whole <= {{ faulty_hours_allowed }} then 'event_hours'
            when hours_without > {{ faulty_hours_allowed }} then 'events_missing'
            else 'partly_seen'
        end as regime
    from counted
    where hours_there > 0
)

select * from final
