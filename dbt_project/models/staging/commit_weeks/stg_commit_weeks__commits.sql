with source as (
    select * from {{ source('commit_weeks', 'commits') }}
),

final as (
    select
        lower(repository) as name,
        week,
        utc_offset,
        web_flow as is_web,
        commits,
        authors,
        _source_file as source_file,
        _row as row_number
    from source
)

select * from final
