-- Names that a move joins are one repository, also over several moves. Its id is the registry's, or else
-- the name that a panel showed first.
{{ config(materialized='table') }}

with recursive shown as (
    select
        name,
        observed
    from {{ ref('stg_best_of_ml__projects') }}
    where name is not null
    union all
    select
        new_name as name,
        observed
    from {{ ref('stg_best_of_ml__projects') }}
    where name is not null and new_name is not null
    union all
    select
        name,
        observed
    from {{ ref('stg_github_ranking_ai__rankings') }}
    union all
    select
        name,
        null::date as observed
    from {{ ref('stg_commit_weeks__repositories') }}
    union all
    select
        unnest([name, lower(known_name)]) as name,
        null::date as observed
    from {{ ref('stg_github_events__repositories') }}
),

registered as (
    select distinct
        name,
        repository_id
    from {{ ref('int_repository_names') }}
),

names as (
    select
        shown.name,
        registered.repository_id,
        min(shown.observed) as first_observed
    from shown
    left join registered on shown.name = registered.name
    group by all
),

moves as (
    select distinct
        name,
        new_name
    from {{ ref('stg_best_of_ml__projects') }}
    where new_name is not null and name is not null
    union
    select distinct
        new_name as name,
        name as new_name
    from {{ ref('stg_best_of_ml__projects') }}
    where new_name is not null and name is not null
    union
    select
        unnest([name, lower(known_name)]) as name,
        unnest([lower(known_name), name]) as new_name
    from {{ ref('stg_github_events__repositories') }}
    where name <> lower(known_name)
),

joined as (
    select
        name,
        name as other
    from names
    union
    select
        joined.name,
        moves.new_name as other
    from joined
    inner join moves on joined.other = moves.name
),

final as (
    select
        joined.name,
        coalesce(
            arg_min(names.repository_id, (names.first_observed is null, names.first_observed, names.name))
            filter (where names.repository_id is not null),
            arg_min(names.name, (names.first_observed is null, names.first_observed, names.name))
        ) as repository_id
    from joined
    inner join names on joined.other = names.name
    group by joined.name
)

select * from final
