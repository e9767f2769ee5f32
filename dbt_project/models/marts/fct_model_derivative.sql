with board as (
    select * from {{ ref('int_leaderboard_models') }}
    where version = newest_version and not is_original
),

trees as (
    select * from {{ ref('int_hub_trees') }}
),

final as (
    select
        'llm_leaderboards:' || model as derivative_id,
        lower(model) as hub_model,
        created,
        has_fill_date,
        base_model,
        base_family_id,
        base_country,
        relation,
        'llm_leaderboards' as source
    from board
    union all
    select
        'hf_model_trees:' || model as derivative_id,
        lower(model) as hub_model,
        created,
        false as has_fill_date,
        base_model,
        base_family_id,
        base_country,
        relation,
        'hf_model_trees' as source
    from trees
)

select * from final
