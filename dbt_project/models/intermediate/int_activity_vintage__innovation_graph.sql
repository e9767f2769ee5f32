with economies as (
    select * from {{ ref('int_innovation_graph_economies') }}
),

final as (
    select
        country,
        quarter as period,
        'quarter' as frequency,
        outcome,
        vintage,
        value::double as value,
        true as is_complete,
        'innovation_graph' as source
    from economies
)

select * from final
