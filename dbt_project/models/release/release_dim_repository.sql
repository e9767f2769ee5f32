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
        repositories.source,
        repositories.github_id,
        repositories.github_name,
        repositories.created_on,
        repositories.is_archived,
        repositories.language,
        repositories.licence,
        repositories.is_on_github
    from repositories
    left join {{ ref('release_person_repositories') }} as persons
        on repositories.repository_id = persons.repository_id
)

select * from final
