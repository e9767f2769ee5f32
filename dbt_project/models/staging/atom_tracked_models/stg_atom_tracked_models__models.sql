with source as (
    select * from {{ source('atom_tracked_models', 'models') }}
),

final as (
    select
        version,
        list,
        model_id as model,
        lower(org) as hub_owner
    from source
)

select * from final
