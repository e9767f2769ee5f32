with source as (
    select * from {{ source('commit_weeks', 'repositories') }}
),

final as (
    select
        lower(repo) as name,
        repo as spelled_name,
        owner_country as stated_country,
        kind,
        commit as snapshot_commit,
        commit_date as snapshot_at,
        commits,
        bot_commits_left_out,
        share_plus0800,
        share_plus0000,
        first_week,
        last_week,
        faulty_commits_left_out,
        rewritten_on,
        vanished_on
    from source
)

select * from final
