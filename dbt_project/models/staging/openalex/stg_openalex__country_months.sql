with source as (
    select * from {{ source('openalex', 'country_months') }}
),

final as (
    select
        country,
        key,
        works,
        month as published_month,
        pulled_month
    from source
)

select * from final
