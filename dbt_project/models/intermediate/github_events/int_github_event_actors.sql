-- A profile holds from the day on which it was read, the first one also before it. What an account stated when the
-- event happened is nearer to it than any profile.
{{ config(materialized='table') }}

with actor_hours as (
    select * from {{ ref('stg_github_events__actor_hours') }}
    where not is_bot
),

profiles as (
    select
        actor,
        country,
        if(lag(observed) over (partition by actor order by observed) is null, date '0001-01-01', observed) as valid_from
    from {{ ref('stg_github_events__profiles') }}
),

final as (
    select
        actor_hours.actor,
        ids.repository_id,
        actor_hours.week,
        actor_hours.hour_of_week,
        actor_hours.event,
        actor_hours.events,
        coalesce(actor_hours.stated_country, profiles.country, 'ZZ') as country
    from actor_hours
    inner join {{ ref('int_repository_ids') }} as ids on actor_hours.name = ids.name
    asof left join profiles
        on
            actor_hours.actor = profiles.actor
            and actor_hours.week + 6 >= profiles.valid_from
)

select * from final
