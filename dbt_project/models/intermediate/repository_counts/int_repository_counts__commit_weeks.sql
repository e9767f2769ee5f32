-- By the author's clock alone: who owns a repository says nothing of who works in it, and a history has no stars.
with weeks as (
    select * from {{ ref('int_commit_weeks__weeks') }}
    where country_method = 'commit_offset'
),

final as (
    select
        repository_id,
        country,
        country_method,
        week,
        null::bigint as stars,
        null::bigint as forks,
        commits,
        null::bigint as stars_total,
        null::bigint as forks_total,
        7::bigint as days_observed,
        regime,
        regime = 'full_history' as is_complete,
        'commit_weeks' as source,
        1 as preference
    from weeks
)

select * from final
