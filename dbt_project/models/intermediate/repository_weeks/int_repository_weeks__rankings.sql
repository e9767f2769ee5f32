{{ config(materialized='table') }}

with observations as (
    select * from {{ ref('int_github_ranking_ai__observations') }}
),

gains as (
    {{ gains_by_week('observations', ['stars', 'forks']) }}
),

gained as (
    select
        repository_id,
        week,
        'open_llm_' || measure || '_gained' as outcome,
        round(gained, 9) as value,
        case
            when has_fallen then 'counter_fell'
            when days_observed < 7 then 'partly_seen'
            else 'daily_lists'
        end as regime
    from gains
),

-- the seven days before a file belong to the week that holds most of them
pushed as (
    select
        repository_id,
        date_trunc('week', observed - 4)::date as week,
        'open_llm_pushed' as outcome,
        (max(pushed_at) >= max(observed - 7))::int::double as value,
        'daily_lists' as regime
    from observations
    where pushed_at is not null
    group by repository_id, date_trunc('week', observed - 4)
),

long as (
    select * from gained
    union all by name
    select * from pushed
),

first_seen as (
    select
        repository_id,
        date_trunc('week', min(observed))::date as first_week
    from observations
    group by repository_id
),

final as (
    select
        long.repository_id,
        {{ country_on('countries', 'long.week') }} as country,
        'owner' as country_method,
        long.week,
        long.outcome,
        long.value,
        long.regime = 'daily_lists' as is_complete,
        long.regime,
        'github_ranking_ai' as source,
        first_seen.first_week,
        'language_model' as kind
    from long
    inner join first_seen on long.repository_id = first_seen.repository_id
    inner join {{ ref('int_repositories') }} as countries on long.repository_id = countries.repository_id
)

select * from final
