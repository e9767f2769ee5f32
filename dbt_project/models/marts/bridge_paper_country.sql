with papers as (
    select * from {{ ref('int_papers__countries') }}
),

final as (
    select
        paper_id,
        country
    from papers
)

select * from final
