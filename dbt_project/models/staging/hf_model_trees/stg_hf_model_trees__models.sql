with source as (
    select * from {{ source('hf_model_trees', 'models') }}
),

final as (
    select
        tree,
        model_id as model,
        depth,
        created_at::date as created,
        base_model,
        relation,
        version,
        _row as source_row
    from source
)

select * from final
