with open_models as (
    select * from {{ ref('int_epoch_open_models') }}
),

final as (
    select
        country,
        month as period,
        'month' as frequency,
        outcome,
        version as vintage,
        models::double as value,
        is_complete,
        'epoch_models' as source
    from open_models
    where left_out is null
)

select * from final
