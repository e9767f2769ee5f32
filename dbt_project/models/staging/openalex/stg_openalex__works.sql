with source as (
    select * from {{ source('openalex', 'works') }}
),

final as (
    select
        id as work_id,
        arxiv_id,
        publication_date,
        type,
        topic,
        list_filter(string_split(coalesce(countries, ''), ';'), lambda c: c <> '') as countries,
        list_filter(string_split(coalesce(company_countries, ''), ';'), lambda c: c <> '') as company_countries,
        authors,
        authors_without_country,
        month as published_month,
        pulled_month,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
