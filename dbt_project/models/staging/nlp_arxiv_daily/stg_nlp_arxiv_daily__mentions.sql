with source as (
    select * from {{ source('nlp_arxiv_daily', 'mentions') }}
),

final as (
    select
        trim(text) as title,
        family_id,
        place,
        name,
        snippet,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
