-- A difference between two files is spread evenly over the days it spans. Calls are made in the first
-- half of a day, so the days are those from the first file's day to the one before the second file's.
{{ config(materialized='table') }}

{% set longest_gap = 10 %}

with observations as (
    select * from {{ ref('int_github_ranking__observations') }}
),

paired as (
    select
        repository_id,
        is_language_model,
        country,
        team_country,
        lag(observed) over repository as from_day,
        observed as to_day,
        observed - lag(observed) over repository as days,
        stars - lag(stars) over repository as stars,
        forks - lag(forks) over repository as forks,
        regime,
        lag(regime) over repository as regime_before
    from observations
    window repository as (partition by repository_id order by observed)
),

flows as (
    select
        repository_id,
        is_language_model,
        country,
        team_country,
        from_day,
        to_day,
        case when stars >= 0 then stars / days::double end as stars,
        case when forks >= 0 then forks / days::double end as forks,
        case
            when 'short_file' in (regime, regime_before) then 'short_file'
            when 'false_top_lists' in (regime, regime_before) then 'false_top_lists'
            else 'full_lists'
        end as regime
    from paired
    where days <= {{ longest_gap }}
),

final as (
    select
        repository_id,
        is_language_model,
        country,
        team_country,
        unnest(generate_series(from_day, to_day - 1, interval 1 day))::date as day,
        stars,
        forks,
        regime
    from flows
)

select * from final
