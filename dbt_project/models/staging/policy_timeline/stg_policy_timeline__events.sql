with source as (
    select * from {{ source('policy_timeline', 'events') }}
),

final as (
    select
        event_id,
        title,
        instrument,
        actor_country as actor,
        target_country as target,
        direction,
        announced,
        published,
        effective,
        compliance_deadline,
        date_precision,
        citation,
        url,
        main_shock as is_main_shock,
        summary,
        affected_products,
        verified,
        notes
    from source
)

select * from final
