-- Where a person is must not be read off the clocks of their repository either: of persons' repositories the
-- rows by clock stay out, and those by owner have no country. Rows by what actors state stay out of all: one event
-- of a week is one account of the public stream, and says where it is.
with weeks as (
    select weeks.*
    from {{ ref('fct_activity_repository_week') }} as weeks
    anti join {{ ref('release_aggregate_sources') }} as withheld on weeks.source = withheld.source
),

final as (
    select
        weeks.repository_id,
        if(persons.repository_id is null, weeks.country, null) as country,
        if(persons.repository_id is null, weeks.country_method, 'withheld') as country_method,
        weeks.week,
        weeks.outcome,
        weeks.value,
        weeks.is_complete,
        weeks.regime,
        weeks.source,
        weeks.first_week,
        weeks.kind,
        weeks.cn_holiday_days
    from weeks
    left join {{ ref('release_person_repositories') }} as persons
        on weeks.repository_id = persons.repository_id
    where
        weeks.country_method = 'owner'
        or persons.repository_id is null and weeks.country_method <> 'profile'
)

select * from final
