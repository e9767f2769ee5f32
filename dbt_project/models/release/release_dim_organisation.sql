-- Every column by name: a new one is published once somebody decides that it may be.
with organisations as (
    select * from {{ ref('dim_organisation') }}
),

final as (
    select
        organisation_id,
        name,
        if(kind = 'person', null, country) as country,
        if(kind = 'person', null, team_country) as team_country,
        kind,
        if(kind = 'person', null, country_statement) as country_statement,
        if(kind = 'person', null, evidence) as evidence,
        source
    from organisations
)

select * from final
