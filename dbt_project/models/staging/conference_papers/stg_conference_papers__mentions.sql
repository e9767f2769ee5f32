with source as (
    select * from {{ source('conference_papers', 'mentions') }}
),

final as (
    select
        trim(regexp_replace(text, '\s+', ' ', 'g')) as title,
        family_id,
        place,
        name,
        snippet,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
