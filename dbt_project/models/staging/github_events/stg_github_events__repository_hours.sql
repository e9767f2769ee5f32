with source as (
    select * from {{ source('github_events', 'repository_hours') }}
),

final as (
    select
        lower(repository) as name,
        week,
        hour_of_week,
        event,
        is_bot,
        events,
        actors
    from source
)

select * from final
