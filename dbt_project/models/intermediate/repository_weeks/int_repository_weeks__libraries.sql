-- Gains of two collectors are spliced, levels never: each week of a repository is one collector's, the whole
-- one before the cut one, and ml-tooling's before dsanr's.
{{ config(materialized='table') }}

{% set outcomes = {
    'stars': 'ml_library_stars_gained', 'forks': 'ml_library_forks_gained', 'commits': 'ml_library_commits',
    'closed_issues': 'ml_library_closed_issues', 'contributors': 'ml_library_contributors_gained'
} %}

with observations as (
    select * from {{ ref('int_best_of_ml__observations') }}
),

gains as (
    {{ gains_by_week('observations', outcomes.keys()) }}
),

repositories as (
    select distinct
        repository_id,
        first_week,
        min(kind) over (partition by repository_id) as kind
    from observations
),

spliced as (
    select *
    from gains
    qualify row_number() over (
            partition by repository_id, week, measure
            order by not has_fallen and days_observed = 7 desc, days_observed desc, collector desc
        ) = 1
),

final as (
    select
        spliced.repository_id,
        {{ country_on('countries', 'spliced.week') }} as country,
        'owner' as country_method,
        spliced.week,
        case spliced.measure
            {% for measure, outcome in outcomes.items() %}when '{{ measure }}' then '{{ outcome }}'
            {% endfor %}
        end as outcome,
        round(spliced.gained, 9) as value,
        case
            when repositories.kind <> 'library' then repositories.kind
            when spliced.has_fallen then 'counter_fell'
            when spliced.days_observed < 7 then 'partly_seen'
            else 'weekly_runs'
        end as regime,
        regime = 'weekly_runs' as is_complete,
        'best_of_ml' as source,
        repositories.first_week,
        repositories.kind
    from spliced
    inner join repositories on spliced.repository_id = repositories.repository_id
    inner join {{ ref('int_repositories') }} as countries on spliced.repository_id = countries.repository_id
)

select * from final
