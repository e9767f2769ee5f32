{{ config(materialized='table') }}
-- A list of titles shows who is about AI and not who is not; a label and a whole document show both.
with patents as (
    select
        'us_patents' as source,
        number,
        kind,
        filed,
        'day' as filed_precision,
        published,
        is_g06n or has_ai_words as is_ai,
        countries,
        1 as rank,
        source_file,
        source_row
    from {{ ref('stg_us_patents__documents') }}
    union all by name
    select
        'uspto_patents' as source,
        number,
        kind,
        filed,
        'day' as filed_precision,
        published,
        is_g06n or has_ai_words as is_ai,
        countries,
        1 as rank,
        source_file,
        source_row
    from {{ ref('stg_uspto_patents__documents') }}
    union all by name
    select
        'us_patents' as source,
        number,
        'grant' as kind,
        make_date(filed_year, 1, 1) as filed,
        'year' as filed_precision,
        null::date as published,
        is_ai,
        null::varchar as countries,
        2 as rank,
        source_file,
        source_row
    from {{ ref('stg_us_patents__labelled') }}
    union all by name
    select
        'us_patents' as source,
        number,
        case when collection = 'US-PGPUB' then 'application' else 'grant' end as kind,
        filed,
        'day' as filed_precision,
        published,
        nullif(has_ai_words, false) as is_ai,
        null::varchar as countries,
        3 as rank,
        source_file,
        source_row
    from {{ ref('stg_us_patents__found_applications') }}
),

final as (
    select
        source || ':' || number as document_id,
        kind,
        filed,
        case when filed is not null then filed_precision end as filed_precision,
        published,
        is_ai,
        countries,
        source,
        source_file,
        source_row
    from patents
    qualify row_number() over (partition by source, number order by rank, source_file, source_row) = 1
)

select * from final
