-- One file holds a repository several times, with the counts of calls minutes apart and, on the day of
-- a rename, under two names: the highest counts and the name beside them.
{{ config(materialized='table') }}

with rankings as (
    select * from {{ ref('stg_github_ranking__rankings') }}
),

names as (
    select * from {{ ref('int_repository_names') }}
),

owners as (
    select * from {{ ref('int_owner_countries') }}
),

files as (
    select * from {{ ref('int_github_ranking__files') }}
),

observed as (
    select
        rankings.observed,
        names.repository_id,
        names.is_language_model,
        max(rankings.stars) as stars,
        max(rankings.forks) as forks,
        arg_max(split_part(rankings.name, '/', 1), (rankings.stars, rankings.name)) as owner_login
    from rankings
    inner join names on rankings.name = names.name
    group by rankings.observed, names.repository_id, names.is_language_model
),

final as (
    select
        observed.observed,
        observed.repository_id,
        observed.is_language_model,
        observed.owner_login,
        {{ country_on('owners', 'observed.observed') }} as country,
        {{ team_country_on('owners', 'observed.observed') }} as team_country,
        observed.stars,
        observed.forks,
        files.regime
    from observed
    inner join files on observed.observed = files.observed
    left join owners on observed.owner_login = owners.owner_login
)

select * from final
