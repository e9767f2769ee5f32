-- As in the confusion: a country of few events in a quarter is few accounts.
{% set least_events = 20 %}

with shares as (
    select * from {{ ref('fct_origin_share') }}
),

final as (
    select
        quarter,
        country,
        event,
        events,
        all_events,
        share,
        graph_share
    from shares
    where events >= {{ least_events }}
)

select * from final
