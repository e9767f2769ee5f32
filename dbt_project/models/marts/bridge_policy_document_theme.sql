with source as (
    select * from {{ ref('int_policy_document_themes') }}
),

final as (
    select
        document_id,
        theme
    from source
)

select * from final
