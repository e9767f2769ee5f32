with source as (
    select * from {{ source('atom_tracked_models', 'parameters') }}
),

final as (
    select
        version,
        model_id as model,
        total_params_b * 1e9 as parameters
    from source
)

select * from final
