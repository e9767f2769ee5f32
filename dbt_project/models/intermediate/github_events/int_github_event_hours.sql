-- Totals hide that one type of event vanished, so that each type of each hour is judged by itself: by the files,
-- by the known breaks, and by the same hour of the week in the weeks around it.
{{ config(materialized='table') }}

{% set weeks_around = 4 %}
{% set least_share_of_usual = 0.5 %}
{% set least_usual = 20 %}   {# fewer events an hour say nothing by their absence #}
{% set most_pushes = 0.8 %}  {# half to two thirds are usual; hours of pushes alone have lost the rest #}

with kinds as (
    select
        'fork' as event,
        'ForkEvent' as event_type
    union all
    select
        'star' as event,
        'WatchEvent' as event_type
    union all
    select
        'push' as event,
        'PushEvent' as event_type
    union all
    select
        'issue' as event,
        'IssuesEvent' as event_type
    union all
    select
        'pull_request' as event,
        'PullRequestEvent' as event_type
),

hours as (
    select * from {{ ref('stg_github_events__hours') }}
),

counts as (
    select * from {{ ref('stg_github_events__hour_counts') }}
),

breaks as (
    select * from {{ ref('stg_github_events__breaks') }}
),

every_hour as (
    select unnest(generate_series(min(hour), max(hour), interval 1 hour)) as hour
    from hours
),

-- of a month without a file nothing is said hour by hour
expected as (
    select every_hour.hour
    from every_hour
    semi join hours on date_trunc('month', every_hour.hour) = date_trunc('month', hours.hour)
),

totals as (
    select
        hour,
        sum(events) as all_events,
        coalesce(sum(events) filter (where event_type = 'PushEvent'), 0) as pushes
    from counts
    group by hour
),

measured as (
    select
        expected.hour,
        kinds.event,
        kinds.event_type,
        hours.hour is not null as is_there,
        coalesce(hours.is_whole, false) as is_whole,
        if(hours.hour is null, null, coalesce(counts.events, 0)) as events,
        totals.pushes / nullif(totals.all_events, 0) as push_share
    from expected
    cross join kinds
    left join hours on expected.hour = hours.hour
    left join totals on expected.hour = totals.hour
    left join counts on expected.hour = counts.hour and kinds.event_type = counts.event_type
),

compared as (
    select
        *,
        median(if(is_whole, events, null)) over (
            partition by event, dayofweek(hour), hour(hour)
            order by hour
            range between interval {{ weeks_around }} week preceding and interval {{ weeks_around }} week following
            exclude current row
        ) as usual
    from measured
),

broken as (
    select distinct
        compared.hour,
        compared.event
    from compared
    inner join breaks
        on
            compared.hour >= breaks.starts_at
            and compared.hour < coalesce(breaks.ends_at, timestamp 'infinity')
            and coalesce(breaks.event_type, compared.event_type) = compared.event_type
),

final as (
    select
        compared.hour,
        date_trunc('week', compared.hour)::date as week,
        date_diff('hour', date_trunc('week', compared.hour), compared.hour) as hour_of_week,
        compared.event,
        compared.events::bigint as events,
        compared.usual,
        compared.is_there,
        case
            when broken.hour is not null then 'collector_break'
            when not compared.is_there then 'missing_hour'
            when not compared.is_whole then 'cut_hour'
            when compared.event <> 'push' and compared.push_share > {{ most_pushes }} then 'pushes_only'
            when
                compared.usual >= {{ least_usual }}
                and compared.events < {{ least_share_of_usual }} * compared.usual
                then 'few_events'
            else 'event_hours'
        end as regime
    from compared
    left join broken on compared.hour = broken.hour and compared.event = broken.event
)

select * from final
