-- No published table says where a person is, by the table itself or by what hangs on it.
with persons as (
    select organisation_id from {{ ref('dim_organisation') }}
    where kind = 'person'
),

stated as (
    select organisation_id as id
    from {{ ref('release_dim_organisation') }}
    semi join persons using (organisation_id)
    where coalesce(country, country_statement, evidence) is not null
    union all
    select family_id as id
    from {{ ref('release_dim_model_family') }}
    semi join persons using (organisation_id)
    where country is not null
    union all
    select links.model_id as id
    from {{ ref('release_bridge_model_release_country') }} as links
    inner join {{ ref('fct_model_release') }} as releases on links.model_id = releases.model_id
    semi join persons on releases.organisation_id = persons.organisation_id
    union all
    select repository_id as id
    from {{ ref('release_dim_repository') }}
    semi join {{ ref('release_person_repositories') }} using (repository_id)
    where country is not null
    union all
    select repository_id as id
    from {{ ref('release_fct_repository_week') }}
    semi join {{ ref('release_person_repositories') }} using (repository_id)
    where country is not null
    union all
    select repository_id as id
    from {{ ref('release_fct_activity_repository_week') }}
    semi join {{ ref('release_person_repositories') }} using (repository_id)
    where country is not null
)

select * from stated
