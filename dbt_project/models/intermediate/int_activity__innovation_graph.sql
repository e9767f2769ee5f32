-- The newest vintage alone: a cell that it no longer holds is unknown, not the older value.
with economies as (
    select * from {{ ref('int_innovation_graph_economies') }}
),

final as (
    select
        country,
        quarter as period,
        'quarter' as frequency,
        outcome,
        value::double as value,
        null::bigint as n_units,
        1.0::double as coverage,
        true as is_complete,
        'published_quarter' as regime,
        'innovation_graph' as source
    from economies
    where vintage = newest_vintage
)

select * from final
