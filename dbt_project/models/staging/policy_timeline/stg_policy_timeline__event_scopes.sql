with source as (
    select * from {{ source('policy_timeline', 'event_scopes') }}
),

final as (
    select
        event_id,
        scope
    from source
)

select * from final
