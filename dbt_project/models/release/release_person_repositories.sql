-- A person's at any time: the weeks before a repository went to an organisation have their country.
with persons as (
    select lower(names.name) as login
    from {{ ref('bridge_organisation_name') }} as names
    inner join {{ ref('dim_organisation') }} as organisations
        on names.organisation_id = organisations.organisation_id
    where names.service = 'github' and organisations.kind = 'person'
),

owners as (
    select
        repository_id,
        lower(owner_login) as login
    from {{ ref('dim_repository') }}
    union all
    select
        repository_id,
        lower(split_part(name, '/', 1)) as login
    from {{ ref('bridge_repository_name') }}
),

final as (
    select distinct owners.repository_id
    from owners
    semi join persons on owners.login = persons.login
)

select * from final
