-- What GitHub said last of a repository while it was there, and whether it was there on the newest day.
with answers as (
    select * from {{ ref('stg_repository_metadata__repositories') }}
),

repositories as (
    select
        repository_id,
        lower(name) as name
    from {{ ref('int_repositories') }}
),

final as (
    select
        repositories.repository_id,
        arg_max(answers.github_id, answers.snapshot) filter (where answers.is_there) as github_id,
        arg_max(answers.github_name, answers.snapshot) filter (where answers.is_there) as github_name,
        max(answers.created_at) filter (where answers.is_there) as created_at,
        arg_max(answers.is_archived, answers.snapshot) filter (where answers.is_there) as is_archived,
        arg_max_null(answers.language, answers.snapshot) filter (where answers.is_there) as language,
        arg_max_null(answers.licence, answers.snapshot) filter (where answers.is_there) as licence,
        arg_max(answers.is_there, answers.snapshot) as is_on_github
    from answers
    inner join repositories on answers.name = repositories.name
    group by repositories.repository_id
)

select * from final
