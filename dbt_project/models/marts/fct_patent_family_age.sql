with ages as (
    select * from {{ ref('int_patent_family_ages') }}
),

final as (
    select
        family_id,
        kind,
        age_years,
        country,
        documents,
        naming_documents,
        share,
        reference_share,
        visible_share,
        verdict
    from ages
)

select * from final
