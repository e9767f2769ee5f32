with source as (
    select * from {{ source('commit_weeks', 'author_months') }}
),

final as (
    select
        month,
        utc_offset,
        owner_group,
        distinct_authors as authors
    from source
)

select * from final
