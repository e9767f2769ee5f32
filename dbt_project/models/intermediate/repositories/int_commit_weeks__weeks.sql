-- Zero is true from a repository's first week to its snapshot's, under every clock that was ever seen in it.
-- Nothing is known after the snapshot, little before it (work lands weeks after its author date), and the
-- first week began before the first commit.
{{ config(materialized='table') }}

{% set first_week = '2018-01-01' %}
{% set landing_days = 28 %}

with repositories as (
    select
        ids.repository_id,
        listed.name,
        listed.kind,
        listed.first_week,
        listed.last_week,
        listed.snapshot_at::date as snapshot_on,
        countries.country,
        countries.earlier
    from {{ ref('stg_commit_weeks__repositories') }} as listed
    inner join {{ ref('int_repository_ids') }} as ids on listed.name = ids.name
    inner join {{ ref('int_repositories') }} as countries on ids.repository_id = countries.repository_id
),

commits as (
    select * from {{ ref('stg_commit_weeks__commits') }}
),

clocks as (
    select * from {{ ref('clock_offsets') }}
),

-- under the owner's country and under the clock's
counted as (
    select
        commits.name,
        repositories.country,
        'owner' as country_method,
        commits.week,
        sum(commits.commits) as commits,
        sum(commits.commits) filter (where commits.is_web) as web_commits
    from commits
    inner join repositories on commits.name = repositories.name
    group by all
    union all
    select
        commits.name,
        coalesce(clocks.country, 'ZZ') as country,
        'commit_offset' as country_method,
        commits.week,
        sum(commits.commits) as commits,
        sum(commits.commits) filter (where commits.is_web) as web_commits
    from commits
    left join clocks on commits.utc_offset = clocks.utc_offset
    group by all
),

cells as (
    select
        pairs.name,
        pairs.country,
        pairs.country_method,
        unnest(generate_series(
            greatest(repositories.first_week, date '{{ first_week }}'), repositories.last_week, interval 7 day
        ))::date as week
    from (
        select distinct
            name,
            country,
            country_method
        from counted
    ) as pairs
    inner join repositories on pairs.name = repositories.name
),

final as (
    select
        repositories.repository_id,
        repositories.kind,
        if(
            cells.country_method = 'owner', {{ country_on('repositories', 'cells.week') }}, cells.country
        ) as country,
        cells.country_method,
        cells.week,
        repositories.first_week,
        coalesce(counted.commits, 0)::bigint as commits,
        coalesce(counted.web_commits, 0)::bigint as web_commits,
        case
            when cells.week = repositories.first_week then 'first_week'
            when cells.week + 7 + {{ landing_days }} > repositories.snapshot_on then 'still_landing'
            else 'full_history'
        end as regime
    from cells
    inner join repositories on cells.name = repositories.name
    left join counted
        on
            cells.name = counted.name
            and cells.country = counted.country
            and cells.country_method = counted.country_method
            and cells.week = counted.week
)

select * from final
