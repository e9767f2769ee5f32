-- Both shares are of the countries that the Innovation Graph has in the quarter: it suppresses small ones.
with actors as (
    select
        date_trunc('quarter', week + (hour_of_week // 24)::int)::date as quarter,
        country,
        event,
        events
    from {{ ref('int_github_event_actors') }}
),

graph as (
    select
        country,
        period as quarter,
        value
    from {{ ref('int_activity') }}
    where outcome = 'git_pushes' and left_out is null and is_newest and country <> 'ZZ'
),

counted as (
    select
        quarter,
        country,
        event,
        sum(events) as events
    from actors
    group by all
),

kinds as (
    select distinct
        quarter,
        event
    from counted
),

cells as (
    select
        kinds.quarter,
        graph.country,
        kinds.event,
        graph.value as pushes,
        coalesce(counted.events, 0) as events
    from kinds
    inner join graph on kinds.quarter = graph.quarter
    left join counted
        on kinds.quarter = counted.quarter and kinds.event = counted.event and graph.country = counted.country
),

final as (
    select
        quarter,
        country,
        event,
        events::bigint as events,
        sum(events) over cells_of_kind::bigint as all_events,
        events / nullif(sum(events) over cells_of_kind, 0)::double as share,
        pushes / sum(pushes) over cells_of_kind as graph_share
    from cells
    window cells_of_kind as (partition by quarter, event)
)

select * from final
