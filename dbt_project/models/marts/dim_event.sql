with events as (
    select * from {{ ref('stg_policy_timeline__events') }}
),

final as (
    select
        event_id,
        title,
        instrument,
        actor as actor_country,
        target as target_country,
        direction,
        announced,
        published,
        effective,
        compliance_deadline,
        date_precision,
        citation,
        url,
        is_main_shock as is_shock,
        summary,
        verified is not null as is_verified
    from events
)

select * from final
