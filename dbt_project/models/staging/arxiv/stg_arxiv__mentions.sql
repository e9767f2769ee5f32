with source as (
    select * from {{ source('arxiv', 'mentions') }}
),

final as (
    select
        family_id,
        place,
        name,
        snippet,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
