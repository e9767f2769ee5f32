with days as (
    select * from {{ ref('int_github_ranking__days') }}
),

observations as (
    select * from {{ ref('int_github_ranking__observations') }}
),

flows as (
    select
        repository_id,
        country,
        date_trunc('week', day)::date as week,
        count(*) as days_observed,
        bool_or(stars is null) as stars_fell,
        bool_or(forks is null) as forks_fell,
        sum(stars) as stars,
        sum(forks) as forks,
        bool_or(regime = 'short_file') as has_short_file,
        bool_or(regime = 'false_top_lists') as has_false_lists
    from days
    group by repository_id, country, date_trunc('week', day)
),

levels as (
    select
        repository_id,
        country,
        date_trunc('week', observed)::date as week,
        arg_max(stars, observed) as stars_total,
        arg_max(forks, observed) as forks_total
    from observations
    group by repository_id, country, date_trunc('week', observed)
),

joined as (
    select
        flows.stars,
        flows.forks,
        levels.stars_total,
        levels.forks_total,
        coalesce(flows.repository_id, levels.repository_id) as repository_id,
        coalesce(flows.country, levels.country) as country,
        coalesce(flows.week, levels.week) as week,
        coalesce(flows.days_observed, 0) as days_observed,
        coalesce(flows.stars_fell, false) as stars_fell,
        coalesce(flows.forks_fell, false) as forks_fell,
        case
            when flows.stars_fell and flows.forks_fell then 'stars_and_forks_fell'
            when flows.stars_fell then 'stars_fell'
            when flows.forks_fell then 'forks_fell'
            when coalesce(flows.days_observed, 0) < 7 then 'partly_seen'
            when flows.has_short_file then 'short_file'
            when flows.has_false_lists then 'false_top_lists'
            else 'full_lists'
        end as regime
    from flows
    full outer join levels
        on
            flows.repository_id = levels.repository_id
            and flows.country = levels.country
            and flows.week = levels.week
),

final as (
    select
        repository_id,
        country,
        'owner' as country_method,
        week,
        case when not stars_fell then round(stars)::bigint end as stars,
        case when not forks_fell then round(forks)::bigint end as forks,
        null::bigint as commits,
        stars_total::bigint as stars_total,
        forks_total::bigint as forks_total,
        days_observed::bigint as days_observed,
        regime = 'full_lists' as is_complete,
        regime,
        'github_ranking' as source,
        1 as preference
    from joined
)

select * from final
