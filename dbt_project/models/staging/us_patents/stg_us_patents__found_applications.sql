with source as (
    select * from {{ source('us_patents', 'found_applications') }}
),

final as (
    select
        number,
        collection,
        filed,
        published,
        {{ one_line('title') }} as title,
        {{ one_line('applicant') }} as applicant,
        has_ai_words,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
