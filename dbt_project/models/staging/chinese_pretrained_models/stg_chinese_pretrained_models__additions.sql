with source as (
    select * from {{ source('chinese_pretrained_models', 'additions') }}
),

final as (
    select
        day,
        entry,
        _row as source_row
    from source
)

select * from final
