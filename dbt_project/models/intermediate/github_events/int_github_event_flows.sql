-- Zero is true from a repository's first week on, in every week with hour files, for each country that was ever seen
-- in it. Three ways of saying whose an event is stand side by side: the owner's seat; the paper's clock (before
-- 17:00 UTC is China, the rest is the United States); and what actors state, where those whose place is not known,
-- or who are not told apart, are ZZ.
{{ config(materialized='table') }}

with hours as (
    select
        ids.repository_id,
        hours.week,
        hours.hour_of_week,
        hours.event,
        hours.is_bot,
        hours.events
    from {{ ref('stg_github_events__repository_hours') }} as hours
    inner join {{ ref('int_repository_ids') }} as ids on hours.name = ids.name
),

people as (
    select * from hours
    where not is_bot and event in ('star', 'fork')
),

actors as (
    select * from {{ ref('int_github_event_actors') }}
    where event in ('star', 'fork')
),

weeks as (
    select distinct week from {{ ref('int_github_event_weeks') }}
),

metadata as (
    select * from {{ ref('int_repository_metadata') }}
),

repositories as (
    select
        hours.repository_id,
        countries.country,
        countries.earlier,
        least(min(hours.week), date_trunc('week', any_value(metadata.created_at))::date) as first_week
    from hours
    inner join {{ ref('int_repositories') }} as countries on hours.repository_id = countries.repository_id
    left join metadata on hours.repository_id = metadata.repository_id
    group by hours.repository_id, countries.country, countries.earlier
),

-- an owner's country is that of the week, below
placed as (
    select
        repository_id,
        'owner' as country_method,
        'ZZ' as country,
        week,
        event,
        events
    from people
    union all by name
    select
        repository_id,
        'clock_17utc' as country_method,
        if(hour_of_week % 24 < 17, 'CN', 'US') as country,
        week,
        event,
        events
    from people
    union all by name
    select
        repository_id,
        'profile' as country_method,
        country,
        week,
        event,
        events
    from actors
    union all by name
    -- all events less those of known actors: what no actor is known of
    select
        repository_id,
        'profile' as country_method,
        'ZZ' as country,
        week,
        event,
        events
    from people
    union all by name
    select
        repository_id,
        'profile' as country_method,
        'ZZ' as country,
        week,
        event,
        -events as events
    from actors
),

counted as (
    select
        repository_id,
        country_method,
        country,
        week,
        coalesce(sum(events) filter (where event = 'star'), 0)::bigint as stars,
        coalesce(sum(events) filter (where event = 'fork'), 0)::bigint as forks
    from placed
    group by all
),

cells as (
    select
        pairs.repository_id,
        pairs.country_method,
        pairs.country,
        weeks.week
    from (
        select distinct
            repository_id,
            country_method,
            country
        from counted
    ) as pairs
    inner join repositories on pairs.repository_id = repositories.repository_id
    inner join weeks on repositories.first_week <= weeks.week
),

final as (
    select
        cells.repository_id,
        if(
            cells.country_method = 'owner', {{ country_on('repositories', 'cells.week') }}, cells.country
        ) as country,
        cells.country_method,
        cells.week,
        repositories.first_week,
        coalesce(counted.stars, 0)::bigint as stars,
        coalesce(counted.forks, 0)::bigint as forks
    from cells
    inner join repositories on cells.repository_id = repositories.repository_id
    left join counted
        on
            cells.repository_id = counted.repository_id
            and cells.country_method = counted.country_method
            and cells.country = counted.country
            and cells.week = counted.week
)

select * from final
