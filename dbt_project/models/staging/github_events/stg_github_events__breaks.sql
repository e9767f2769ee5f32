with source as (
    select * from {{ source('github_events', 'breaks') }}
),

final as (
    select
        starts_at at time zone 'UTC' as starts_at,
        ends_at at time zone 'UTC' as ends_at,
        event as event_type,
        note
    from source
)

select * from final
