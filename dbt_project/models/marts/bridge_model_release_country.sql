with models as (
    select * from {{ ref('int_epoch_models') }}
),

countries as (
    select * from {{ ref('int_epoch_listing_countries') }}
),

final as (
    select
        models.model_id,
        coalesce(countries.country, 'ZZ') as country
    from models
    left join countries
        on models.country_file = countries.source_file and models.country_row = countries.source_row
)

select * from final
