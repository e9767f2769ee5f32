-- A cell that the newest vintage no longer has is unknown, not the older value.
with economies as (
    select * from {{ ref('int_innovation_graph_economies') }}
),

final as (
    select
        country,
        quarter as period,
        'quarter' as frequency,
        outcome,
        null::varchar as left_out,
        vintage,
        vintage = newest_vintage as is_newest,
        value::double as value,
        null::bigint as n_units,
        1.0::double as coverage,
        true as is_complete,
        'published_quarter' as regime,
        'innovation_graph' as source
    from economies
)

select * from final
