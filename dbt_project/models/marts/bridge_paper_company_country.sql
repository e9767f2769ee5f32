with companies as (
    select * from {{ ref('int_papers__companies') }}
),

final as (
    select distinct
        paper_id,
        country
    from companies
)

select * from final
