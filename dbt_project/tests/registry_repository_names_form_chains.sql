-- Whatever its case, a name belongs to one repository; id and newest name are names of the chain.
with names as (
    select
        repository_id,
        lower(name) as name
    from {{ ref('repository_names') }}
),

shared_names as (
    select
        name,
        'name of two repositories' as fault
    from names
    group by name
    having count(*) > 1
),

missing_names as (
    select
        repositories.repository_id as name,
        'id or newest name is not in the chain' as fault
    from {{ ref('repositories') }} as repositories
    left join names as ids
        on repositories.repository_id = ids.name and repositories.repository_id = ids.repository_id
    left join names as newest
        on lower(repositories.name) = newest.name and repositories.repository_id = newest.repository_id
    where ids.name is null or newest.name is null
),

wrong_ids as (
    select
        repository_id as name,
        'id is not owner/name in lower case, or the owner is not that of the newest name' as fault
    from {{ ref('repositories') }}
    where
        not regexp_full_match(repository_id, '[a-z0-9-]+/[a-z0-9._-]+')
        or name not like owner_login || '/%'
),

final as (
    select * from shared_names
    union all
    select * from missing_names
    union all
    select * from wrong_ids
)

select * from final
