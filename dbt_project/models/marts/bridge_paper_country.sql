with papers as (
    select * from {{ ref('int_papers__countries') }}
    union all by name
    select * from {{ ref('int_papers__acl_countries') }}
),

final as (
    select
        paper_id,
        country
    from papers
)

select * from final
