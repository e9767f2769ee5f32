with organisations as (
    select * from {{ ref('organisations') }}
),

seats as (
    select * from {{ ref('int_organisation_seats') }}
),

final as (
    select
        organisations.organisation_id,
        organisations.name,
        organisations.country,
        seats.team_country,
        organisations.kind,
        organisations.country_statement,
        organisations.evidence,
        organisations.source
    from organisations
    inner join seats on organisations.organisation_id = seats.organisation_id
)

select * from final
