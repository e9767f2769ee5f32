with source as (
    select * from {{ source('atom_tracked_models', 'release_corrections') }}
),

final as (
    select
        version,
        model_id as model,
        actual_release_date as released,
        hf_created_at as created
    from source
)

select * from final
