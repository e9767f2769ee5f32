with source as (
    select * from {{ source('model_registry_dates', 'first_listings') }}
),

final as (
    select
        registry,
        model_id,
        lower(split_part(model_id, '/', 1)) as hub_owner,
        first_day,
        version
    from source
)

select * from final
