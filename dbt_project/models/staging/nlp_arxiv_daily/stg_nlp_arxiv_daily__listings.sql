with source as (
    select * from {{ source('nlp_arxiv_daily', 'listings') }}
),

final as (
    select
        arxiv_id,
        keyword,
        date as listed_date,
        trim(title) as title,
        has_code,
        url,
        try_cast(nullif(regexp_extract(_source_file, '(\d{4}-\d{2})\.json', 1), '') || '-01' as date) as listing_month,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
