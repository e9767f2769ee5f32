-- When single people work on a person's own repository is theirs.
with hours as (
    select hours.*
    from {{ ref('fct_repository_hour') }} as hours
    anti join {{ ref('release_aggregate_sources') }} as withheld on hours.source = withheld.source
),

final as (
    select
        hours.repository_id,
        hours.week,
        hours.hour_of_week,
        hours.event,
        hours.events,
        hours.actors,
        hours.is_complete,
        hours.regime,
        hours.source
    from hours
    anti join {{ ref('release_person_repositories') }} as persons on hours.repository_id = persons.repository_id
)

select * from final
