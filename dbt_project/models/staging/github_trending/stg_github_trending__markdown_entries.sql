with source as (
    select * from {{ source('github_trending', 'markdown_entries') }}
),

final as (
    select
        day,
        language,
        position,
        lower(owner_name) as name,
        lower(split_part(owner_name, '/', 1)) as owner_login,
        description,
        _source_file as source_file
    from source
)

select * from final
