-- A name that no registry and no panel knows as a later one is its own id.
with listed as (
    select distinct name from {{ ref('stg_commit_weeks__repositories') }}
),

names as (
    select distinct
        name,
        repository_id
    from {{ ref('int_repository_names') }}
),

final as (
    select
        listed.name,
        coalesce(names.repository_id, listed.name) as repository_id
    from listed
    left join names on listed.name = names.name
)

select * from final
