with weeks as (
    select * from {{ ref('int_commit_weeks__weeks') }}
),

long as (
    unpivot weeks
    on commits as open_ml_commits, web_commits as open_ml_web_commits
    into name outcome value value
),

final as (
    select
        repository_id,
        country,
        country_method,
        week,
        outcome,
        value::double as value,
        regime = 'full_history' as is_complete,
        regime,
        'commit_weeks' as source,
        first_week,
        kind
    from long
)

select * from final
