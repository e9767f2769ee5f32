with models as (
    select * from {{ ref('int_epoch_models') }}
),

countries as (
    select * from {{ ref('int_epoch_listing_countries') }}
),

listed as (
    select
        model_id,
        unnest(countries) as country
    from {{ ref('int_model_lists') }}
),

final as (
    select
        models.model_id,
        coalesce(countries.country, 'ZZ') as country
    from models
    left join countries
        on models.country_file = countries.source_file and models.country_row = countries.source_row
    union all
    select
        model_id,
        country
    from listed
)

select * from final
