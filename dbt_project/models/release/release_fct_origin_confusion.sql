-- Whoever has the public stream could find the few accounts of a small cell in it.
{% set least_actors = 5 %}

with cells as (
    select * from {{ ref('fct_origin_confusion') }}
),

final as (
    select
        year,
        event,
        method,
        method_country,
        profile_country,
        events,
        actors
    from cells
    where actors >= {{ least_actors }}
)

select * from final
