with source as (
    select * from {{ source('github_trending', 'scrapes') }}
),

final as (
    select
        day,
        archive,
        language,
        entries,
        _source_file as source_file
    from source
)

select * from final
