with source as (
    select * from {{ source('ccl_rules', 'entry_texts') }}
),

final as (
    select
        entry,
        version,
        text
    from source
)

select * from final
