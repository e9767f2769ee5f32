with families as (
    select * from {{ ref('model_families') }}
),

final as (
    select
        family_id,
        title,
        organisation_id,
        country,
        first_release,
        date_source,
        is_ambiguous,
        context_rule
    from families
)

select * from final
