with source as (
    select * from {{ source('agora_fulltext', 'texts') }}
),

final as (
    select
        agora_id,
        characters,
        snapshot
    from source
)

select * from final
