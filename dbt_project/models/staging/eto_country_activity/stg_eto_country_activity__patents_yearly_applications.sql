with source as (
    select * from {{ source('eto_country_activity', 'patents_yearly_applications') }}
),

final as (
    select
        trim(country) as country_name,
        field,
        make_date(year::integer, 1, 1) as year,
        num_patent_applications as applications,
        complete as is_complete,
        _row as source_row
    from source
)

select * from final
