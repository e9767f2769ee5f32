with source as (
    select * from {{ source('open_digger_labels', 'links') }}
),

final as (
    select
        label,
        labelled,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
