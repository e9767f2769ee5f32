with source as (
    select * from {{ source('open_digger_labels', 'owners') }}
),

final as (
    select
        label,
        platform,
        lower(owner) as owner_login,
        owner_id as owner_number,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
