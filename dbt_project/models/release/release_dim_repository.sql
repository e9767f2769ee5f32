with repositories as (
    select * from {{ ref('dim_repository') }}
),

final as (
    select
        repositories.repository_id,
        repositories.name,
        repositories.owner_login,
        if(persons.repository_id is null, repositories.country, null) as country,
        if(persons.repository_id is null, repositories.country_method, 'withheld') as country_method,
        repositories.category,
        repositories.is_language_model,
        repositories.first_observed,
        repositories.source
    from repositories
    left join {{ ref('release_person_repositories') }} as persons
        on repositories.repository_id = persons.repository_id
)

select * from final
