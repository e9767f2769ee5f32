with families as (
    select * from {{ ref('dim_model_family') }}
),

persons as (
    select * from {{ ref('dim_organisation') }}
    where kind = 'person'
),

final as (
    select
        families.family_id,
        families.title,
        families.organisation_id,
        if(persons.organisation_id is null, families.country, null) as country,
        families.first_release,
        families.date_source,
        families.is_ambiguous,
        families.context_rule
    from families
    left join persons on families.organisation_id = persons.organisation_id
)

select * from final
