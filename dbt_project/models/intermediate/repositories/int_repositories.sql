-- The registry's own row is better: a repository that it knows is described by it alone.
{{ config(materialized='table') }}

with registered as (
    select
        repository_id,
        name,
        owner_login,
        category,
        is_language_model,
        first_observed,
        source
    from {{ ref('repositories') }}
),

followed as (
    select * from {{ ref('int_panel_repositories') }}
),

repositories as (
    select * from registered
    union all by name
    select * from followed
),

owners as (
    select * from {{ ref('int_owner_countries') }}
),

final as (
    select
        repositories.repository_id,
        repositories.name,
        repositories.owner_login,
        repositories.category,
        repositories.is_language_model,
        repositories.first_observed,
        repositories.source,
        coalesce(owners.country, 'ZZ') as country,
        owners.earlier
    from repositories
    left join owners on lower(repositories.owner_login) = owners.owner_login
)

select * from final
