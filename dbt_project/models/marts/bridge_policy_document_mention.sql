with mentions as (
    select * from {{ ref('int_policy_mentions') }}
),

final as (
    select
        document_id,
        family_id,
        place
    from mentions
)

select * from final
