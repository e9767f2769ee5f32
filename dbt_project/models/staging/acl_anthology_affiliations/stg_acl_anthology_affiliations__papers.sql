with source as (
    select * from {{ source('acl_anthology_affiliations', 'papers') }}
),

final as (
    select
        paper,
        collection,
        volume,
        case when venue = 'findings' then 'findings-' || volume else venue end as venue,
        year::integer as year,
        month as month_name,
        title,
        authors,
        affiliated_authors,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
