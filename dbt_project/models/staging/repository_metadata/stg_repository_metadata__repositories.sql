with source as (
    select * from {{ source('repository_metadata', 'repositories') }}
),

final as (
    select
        lower(asked_name) as name,
        snapshot,
        is_there,
        github_id,
        name as github_name,
        created_at,
        archived_at,
        is_archived,
        is_fork,
        language,
        -- GitHub's word for a licence that it cannot tell
        nullif(licence, 'NOASSERTION') as licence,
        owner_kind,
        _source_file as source_file
    from source
)

select * from final
