with source as (
    select * from {{ source('github_events', 'repositories') }}
),

final as (
    select
        lower(repository) as name,
        github_id,
        name as known_name
    from source
)

select * from final
