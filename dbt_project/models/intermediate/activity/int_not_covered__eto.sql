with measures as (
    select
        outcome,
        table_name
    from {{ ref('int_eto_measures') }}
),

countries as (
    select country from {{ ref('countries') }}
),

final as (
    select
        measures.outcome,
        countries.country,
        'the publisher''s table never names it' as reason
    from measures
    cross join countries
    anti join {{ ref('int_eto_country_years') }} as named
        on measures.table_name = named.table_name and countries.country = named.country
)

select * from final
