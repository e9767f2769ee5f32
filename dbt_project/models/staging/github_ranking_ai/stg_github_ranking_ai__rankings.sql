with source as (
    select * from {{ source('github_ranking_ai', 'rankings') }}
),

final as (
    select
        observed,
        if(item = 'chatGPT', 'ChatGPT', item) as list,
        rank as position,
        regexp_replace(repo_url, '^https?://github\.com/|/+$', '', 'g') as spelled_name,
        lower(regexp_replace(repo_url, '^https?://github\.com/|/+$', '', 'g')) as name,
        stars,
        forks,
        last_commit as pushed_at
    from source
)

select * from final
