-- Names of institutions with one certain country: curated rows first, then the look-up. Absence says nothing:
-- the look-up lists no institution of the United States, and an unknown name is never taken for one.
with curated as (
    select
        name as affiliation_key,
        country,
        'curated' as method
    from {{ ref('affiliation_countries') }}
),

listed as (
    select
        affiliation_key,
        min(country) as country,
        'look_up' as method
    from {{ ref('stg_institutions__countries') }}
    group by affiliation_key
    having count(distinct country) = 1
),

unioned as (
    select * from curated
    union all by name
    select listed.*
    from listed
    anti join curated on listed.affiliation_key = curated.affiliation_key
),

final as (
    select
        affiliation_key,
        country,
        method
    from unioned
)

select * from final
