with names as (
    select * from {{ ref('repository_names') }}
),

-- a name that GitHub answered with, and no list has shown
answered as (
    select
        repositories.repository_id,
        answers.github_name as name,
        min(answers.snapshot) as first_seen,
        null::date as last_seen
    from {{ ref('stg_repository_metadata__repositories') }} as answers
    inner join {{ ref('int_repositories') }} as repositories on answers.name = lower(repositories.name)
    anti join names
        on
            repositories.repository_id = names.repository_id
            and lower(answers.github_name) = lower(names.name)
    where answers.is_there and lower(answers.github_name) != answers.name
    group by repositories.repository_id, answers.github_name
),

-- a name that the list of the event stream joins to it, and nothing else has
tracked as (
    select
        ids.repository_id,
        listed.known_name as name,
        null::date as first_seen,
        null::date as last_seen
    from {{ ref('stg_github_events__repositories') }} as listed
    inner join {{ ref('int_repository_ids') }} as ids on listed.name = ids.name
    anti join names
        on ids.repository_id = names.repository_id and lower(listed.known_name) = lower(names.name)
    anti join answered
        on ids.repository_id = answered.repository_id and lower(listed.known_name) = lower(answered.name)
    group by ids.repository_id, listed.known_name
),

final as (
    select
        repository_id,
        name,
        first_seen,
        last_seen
    from names
    union all by name
    select
        repository_id,
        name,
        first_seen,
        last_seen
    from answered
    union all by name
    select
        repository_id,
        name,
        first_seen,
        last_seen
    from tracked
)

select * from final
