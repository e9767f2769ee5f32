with source as (
    select * from {{ source('agora_policy', 'authorities') }}
),

final as (
    select
        name as authority,
        jurisdiction,
        parent_authority,
        snapshot
    from source
)

select * from final
