-- Nothing: when one account is awake and where it says it is belong to a person.
with actors as (
    select * from {{ ref('fct_actor_hour') }}
),

final as (
    select
        actor,
        country,
        year,
        hour_of_day,
        event,
        events
    from actors
    where false
)

select * from final
