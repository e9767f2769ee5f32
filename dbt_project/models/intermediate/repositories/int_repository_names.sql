with names as (
    select * from {{ ref('repository_names') }}
),

repositories as (
    select * from {{ ref('repositories') }}
),

final as (
    select distinct
        lower(names.name) as name,
        names.repository_id,
        repositories.is_language_model
    from names
    inner join repositories on names.repository_id = repositories.repository_id
)

select * from final
