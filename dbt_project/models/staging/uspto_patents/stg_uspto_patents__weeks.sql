with source as (
    select * from {{ source('uspto_patents', 'weeks') }}
),

final as (
    select
        published,
        kind,
        revision,
        documents,
        kept_documents,
        sequence_lists,
        refused_documents,
        _source_file as source_file
    from source
)

select * from final
