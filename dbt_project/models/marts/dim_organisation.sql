with organisations as (
    select * from {{ ref('organisations') }}
),

final as (
    select
        organisation_id,
        name,
        country,
        kind,
        country_statement,
        evidence,
        source
    from organisations
)

select * from final
