with patents as (
    select * from {{ ref('int_patents') }}
),

final as (
    select
        document_id,
        kind,
        filed,
        filed_precision,
        published,
        is_ai,
        source
    from patents
)

select * from final
