with names as (
    select * from {{ ref('repository_names') }}
),

final as (
    select
        repository_id,
        name,
        first_seen,
        last_seen
    from names
)

select * from final
