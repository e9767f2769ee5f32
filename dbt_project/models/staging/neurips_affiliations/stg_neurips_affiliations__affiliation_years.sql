with source as (
    select * from {{ source('neurips_affiliations', 'affiliation_years') }}
),

final as (
    select
        year::integer as year,
        affiliation,
        {{ affiliation_key('affiliation') }} as affiliation_key,
        paper_count as papers,
        region,
        country as country_name,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
