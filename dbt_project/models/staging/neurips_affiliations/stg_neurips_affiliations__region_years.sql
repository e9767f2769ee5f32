with source as (
    select * from {{ source('neurips_affiliations', 'region_years') }}
),

final as (
    select
        year::integer as year,
        region,
        paper_count as papers,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
