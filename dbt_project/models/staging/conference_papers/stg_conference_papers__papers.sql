with source as (
    select * from {{ source('conference_papers', 'papers') }}
),

final as (
    select
        venue,
        year::integer as year,
        id as published_id,
        trim(regexp_replace(title, '\s+', ' ', 'g')) as title,
        track,
        status,
        keywords,
        aff as affiliations,
        aff_country_unique as affiliation_countries,
        has_abstract,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
