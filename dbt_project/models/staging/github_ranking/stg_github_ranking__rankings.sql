with source as (
    select * from {{ source('github_ranking', 'rankings') }}
),

final as (
    select
        observed,
        item as list,
        rank as position,
        lower(regexp_replace(repo_url, '^https?://github\.com/|/+$', '', 'g')) as name,
        stars,
        forks,
        issues,
        language,
        last_commit as pushed_at,
        _source_file as source_file,
        _row as row_number
    from source
)

select * from final
