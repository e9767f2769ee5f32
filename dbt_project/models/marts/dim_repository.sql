with repositories as (
    select * from {{ ref('int_repositories') }}
),

final as (
    select
        repository_id,
        name,
        owner_login,
        country,
        case when country = 'ZZ' then 'none' else 'registry' end as country_method,
        category,
        is_language_model,
        first_observed,
        source
    from repositories
)

select * from final
