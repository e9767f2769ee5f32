-- A run within two days of another that repeats most of its values is none. A level under half of an
-- earlier one is another repository's under an old name, or a slip; one that does so again and again has no level.
{{ config(materialized='table') }}

{% set repeated_share = 0.6 %}
{% set flips = 3 %}

with listed as (
    select
        projects.collector,
        projects.observed,
        ids.repository_id,
        bool_or(projects.is_resource or projects.name like '%/best-of-%') as is_resource,
        max(projects.stars) as stars,
        max(projects.forks) as forks,
        max(projects.commits) as commits,
        max(projects.closed_issues) as closed_issues,
        max(projects.contributors) as contributors
    from {{ ref('stg_best_of_ml__projects') }} as projects
    inner join {{ ref('int_repository_ids') }} as ids on projects.name = ids.name
    group by all
),

beside as (
    select
        *,
        stars = lag(stars) over repository and observed - lag(observed) over repository <= 2 as is_same,
        max(stars) over (
            partition by collector, repository_id order by observed rows unbounded preceding
        ) as most_stars
    from listed
    window repository as (partition by collector, repository_id order by observed)
),

repeats as (
    select
        collector,
        observed
    from beside
    group by collector, observed
    having avg(coalesce(is_same, false)::int) > {{ repeated_share }}
),

known as (
    select
        *,
        lag(stars) over repository as stars_before,
        lag(most_stars) over repository as most_before
    from beside
    where stars is not null
    window repository as (partition by collector, repository_id order by observed)
),

flips as (
    select
        repository_id,
        count(*) filter (where stars < 0.5 * most_stars and stars_before >= 0.5 * most_before) as falls
    from known
    group by repository_id
),

first_seen as (
    select
        repository_id,
        date_trunc('week', min(observed))::date as first_week
    from listed
    group by repository_id
),

final as (
    select
        beside.collector,
        beside.observed,
        beside.repository_id,
        first_seen.first_week,
        case
            when beside.is_resource then 'resource'
            when coalesce(flips.falls, 0) >= {{ flips }} then 'level_flips'
            else 'library'
        end as kind,
        beside.stars,
        beside.forks,
        beside.commits,
        beside.closed_issues,
        beside.contributors
    from beside
    anti join repeats on beside.collector = repeats.collector and beside.observed = repeats.observed
    inner join first_seen on beside.repository_id = first_seen.repository_id
    left join flips on beside.repository_id = flips.repository_id
    where
        beside.stars >= 0.5 * beside.most_stars
        or coalesce(flips.falls, 0) >= {{ flips }}
)

select * from final
