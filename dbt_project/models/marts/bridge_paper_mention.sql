with papers as (
    select * from {{ ref('int_papers__mentions') }}
),

final as (
    select
        paper_id,
        family_id
    from papers
)

select * from final
