with source as (
    select * from {{ ref('stg_policy_timeline__event_scopes') }}
),

final as (
    select
        event_id,
        scope
    from source
)

select * from final
