with open_models as (
    select * from {{ ref('int_epoch_open_models') }}
),

final as (
    select
        country,
        month as period,
        'month' as frequency,
        outcome,
        left_out,
        version as vintage,
        is_newest,
        models::double as value,
        models::bigint as n_units,
        null::double as coverage,
        is_complete,
        'epoch_list' as regime,
        'epoch_models' as source
    from open_models
)

select * from final
