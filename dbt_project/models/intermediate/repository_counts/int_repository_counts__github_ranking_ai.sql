{{ config(materialized='table') }}

with observations as (
    select * from {{ ref('int_github_ranking_ai__observations') }}
),

gains as (
    {{ gains_by_week('observations', ['stars', 'forks']) }}
),

counted as (
    {{ counts_by_week('gains', 'observations') }}
),

final as (
    select
        counted.repository_id,
        {{ country_on('repositories', 'counted.week') }} as country,
        'owner' as country_method,
        counted.week,
        counted.stars,
        counted.forks,
        null::bigint as commits,
        counted.stars_total,
        counted.forks_total,
        counted.days_observed,
        if(counted.regime = 'whole', 'daily_lists', counted.regime) as regime,
        counted.regime = 'whole' as is_complete,
        'github_ranking_ai' as source,
        3 as preference
    from counted
    inner join {{ ref('int_repositories') }} as repositories on counted.repository_id = repositories.repository_id
)

select * from final
