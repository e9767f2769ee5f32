-- A list has several counts of a repository in one file: the higher. A day of unstarring would break its week
-- and a whole week hardly ever falls: the first file of each week that shows the repository is its level.
-- Of all lists only these two run through all days: others would bring their own entrants.
{{ config(materialized='table') }}

with counts as (
    select
        ids.repository_id,
        rankings.observed,
        max(rankings.stars) as stars,
        max(rankings.forks) as forks,
        max(rankings.pushed_at) as pushed_at
    from {{ ref('stg_github_ranking_ai__rankings') }} as rankings
    inner join {{ ref('int_repository_ids') }} as ids on rankings.name = ids.name
    where rankings.list in ('LLM', 'ChatGPT')
    group by all
),

final as (
    select
        *,
        'github_ranking_ai' as collector
    from counts
    qualify row_number() over (partition by repository_id, date_trunc('week', observed) order by observed) = 1
)

select * from final
