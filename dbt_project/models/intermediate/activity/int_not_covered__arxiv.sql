with countries as (
    select country from {{ ref('countries') }}
),

final as (
    select
        'paper_mention_share' as outcome,
        countries.country,
        'no open model family of it is registered' as reason
    from countries
    anti join {{ ref('model_families') }} as families on countries.country = families.country
)

select * from final
