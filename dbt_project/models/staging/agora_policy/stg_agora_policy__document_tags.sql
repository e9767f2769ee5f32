with source as (
    select * from {{ source('agora_policy', 'document_tags') }}
),

final as (
    select distinct
        agora_id,
        tag,
        snapshot
    from source
)

select * from final
