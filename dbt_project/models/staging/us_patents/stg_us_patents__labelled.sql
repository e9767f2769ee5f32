with source as (
    select * from {{ source('us_patents', 'labelled') }}
),

final as (
    select
        number,
        is_ai,
        filed_year::integer as filed_year,
        has_ai_words,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
