with source as (
    select * from {{ source('github_events', 'hour_counts') }}
),

final as (
    select
        hour at time zone 'UTC' as hour,
        event as event_type,
        events,
        tracked
    from source
)

select * from final
