with papers as (
    select * from {{ ref('int_papers') }}
),

final as (
    select
        paper_id,
        title,
        date,
        date_kind,
        date_precision,
        venue,
        is_company_linked,
        is_efficiency,
        source
    from papers
)

select * from final
