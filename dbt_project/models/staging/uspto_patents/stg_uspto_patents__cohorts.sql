with source as (
    select * from {{ source('uspto_patents', 'cohorts') }}
),

final as (
    select
        published,
        kind,
        filed_month,
        country,
        documents,
        g06n_documents,
        ai_documents,
        naming_documents,
        _source_file as source_file
    from source
)

select * from final
