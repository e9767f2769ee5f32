with source as (
    select * from {{ source('institutions', 'countries') }}
),

final as (
    select
        institution,
        {{ affiliation_key('institution') }} as affiliation_key,
        case when country_code = 'uk' then 'GB' else upper(country_code) end as country,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
