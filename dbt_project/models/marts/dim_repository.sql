with repositories as (
    select * from {{ ref('int_repositories') }}
),

metadata as (
    select * from {{ ref('int_repository_metadata') }}
),

tracked as (
    select
        ids.repository_id,
        any_value(listed.github_id order by listed.github_id) as github_id
    from {{ ref('stg_github_events__repositories') }} as listed
    inner join {{ ref('int_repository_ids') }} as ids on listed.name = ids.name
    group by ids.repository_id
),

final as (
    select
        repositories.repository_id,
        repositories.name,
        repositories.owner_login,
        repositories.country,
        case when repositories.country = 'ZZ' then 'none' else 'registry' end as country_method,
        repositories.category,
        repositories.is_language_model,
        repositories.first_observed,
        repositories.source,
        coalesce(metadata.github_id, tracked.github_id)::varchar as github_id,
        metadata.github_name,
        metadata.created_at::date as created_on,
        metadata.is_archived,
        metadata.language,
        metadata.licence,
        metadata.is_on_github
    from repositories
    left join metadata on repositories.repository_id = metadata.repository_id
    left join tracked on repositories.repository_id = tracked.repository_id
)

select * from final
