with names as (
    select * from {{ ref('organisation_names') }}
    where service = 'github'
),

organisations as (
    select * from {{ ref('int_organisation_seats') }}
),

final as (
    select
        lower(names.name) as owner_login,
        organisations.organisation_id,
        organisations.country,
        organisations.team_country,
        organisations.earlier
    from names
    inner join organisations on names.organisation_id = organisations.organisation_id
)

select * from final
