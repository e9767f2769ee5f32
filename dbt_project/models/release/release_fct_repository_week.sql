-- Of persons' repositories the country is withheld and the rows by clock stay out, as in the weeks by outcome. Rows by
-- what actors state stay out of all: one event of a week is one account of the public stream, and says where it is.
with weeks as (
    select weeks.*
    from {{ ref('fct_repository_week') }} as weeks
    anti join {{ ref('release_aggregate_sources') }} as withheld on weeks.source = withheld.source
),

final as (
    select
        weeks.repository_id,
        if(persons.repository_id is null, weeks.country, null) as country,
        if(persons.repository_id is null, weeks.country_method, 'withheld') as country_method,
        weeks.week,
        weeks.stars,
        weeks.forks,
        weeks.commits,
        weeks.stars_total,
        weeks.forks_total,
        weeks.days_observed,
        weeks.is_complete,
        weeks.regime,
        weeks.source
    from weeks
    left join {{ ref('release_person_repositories') }} as persons
        on weeks.repository_id = persons.repository_id
    where
        weeks.country_method = 'owner'
        or persons.repository_id is null and weeks.country_method <> 'profile'
)

select * from final
