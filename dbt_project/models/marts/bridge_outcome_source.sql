with outcomes as (
    select * from {{ ref('outcomes') }}
),

final as (
    select
        outcome,
        unnest(string_split(sources, ';')) as source
    from outcomes
)

select * from final
