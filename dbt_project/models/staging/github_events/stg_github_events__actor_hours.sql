with source as (
    select * from {{ source('github_events', 'actor_hours') }}
),

final as (
    select
        actor,
        lower(repository) as name,
        week,
        hour_of_week,
        event,
        is_bot,
        events,
        stated_country
    from source
)

select * from final
