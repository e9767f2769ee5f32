with source as (
    select * from {{ source('eto_country_activity', 'publications_yearly_articles') }}
),

final as (
    select
        trim(country) as country_name,
        field,
        make_date(year::integer, 1, 1) as year,
        num_articles as articles,
        complete as is_complete,
        _row as source_row
    from source
)

select * from final
