with names as (
    select * from {{ ref('organisation_names') }}
    where service = 'github'
),

organisations as (
    select * from {{ ref('organisations') }}
),

final as (
    select
        lower(names.name) as owner_login,
        organisations.organisation_id,
        organisations.country
    from names
    inner join organisations on names.organisation_id = organisations.organisation_id
)

select * from final
