with models as (
    select * from {{ ref('int_leaderboard_models') }}
),

final as (
    select
        'llm_leaderboards:' || model as derivative_id,
        created,
        has_fill_date,
        base_model,
        base_family_id,
        base_country,
        relation,
        'llm_leaderboards' as source
    from models
    where version = newest_version and not is_original
)

select * from final
