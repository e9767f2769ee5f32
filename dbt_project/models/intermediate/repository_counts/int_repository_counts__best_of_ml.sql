-- A week is one collector's, the whole one before the cut one: levels of two are never mixed.
{{ config(materialized='table') }}

with observations as (
    select * from {{ ref('int_best_of_ml__observations') }}
),

gains as (
    {{ gains_by_week('observations', ['stars', 'forks']) }}
),

kinds as (
    select distinct
        repository_id,
        kind = 'level_flips' as has_no_level
    from observations
),

counted as (
    {{ counts_by_week('gains', 'observations') }}
),

collected as (
    select *
    from counted
    qualify row_number() over (
            partition by repository_id, week
            order by regime = 'whole' desc, days_observed desc, collector desc
        ) = 1
),

final as (
    select
        collected.repository_id,
        {{ country_on('repositories', 'collected.week') }} as country,
        'owner' as country_method,
        collected.week,
        collected.stars,
        collected.forks,
        null::bigint as commits,
        collected.stars_total,
        collected.forks_total,
        collected.days_observed,
        case
            when kinds.has_no_level then 'level_flips'
            when collected.regime = 'whole' then 'weekly_runs'
            else collected.regime
        end as regime,
        collected.regime = 'whole' and not kinds.has_no_level as is_complete,
        'best_of_ml' as source,
        2 as preference
    from collected
    inner join kinds on collected.repository_id = kinds.repository_id
    inner join {{ ref('int_repositories') }} as repositories
        on collected.repository_id = repositories.repository_id
)

select * from final
