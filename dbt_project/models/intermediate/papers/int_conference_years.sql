-- The balanced panel: venues whose every year is there, so that years can be compared. A year in which
-- one of them is missing is none of the panel's.
{% set panel = ['acml', 'aistats', 'ijcai', 'uai'] %}

with papers as (
    select * from {{ ref('int_papers__conference') }}
),

listed as (
    select distinct year from papers
),

years as (
    select
        year,
        count(distinct venue) as panel_venues
    from papers
    where venue in ({{ "'" ~ panel | join("', '") ~ "'" }})
    group by year
),

final as (
    select
        listed.year,
        coalesce(years.panel_venues = {{ panel | length }}, false) as is_panel_year,
        case
            when years.panel_venues = {{ panel | length }} then '{{ panel | join("_") }}'
            else 'outside_the_panel'
        end as regime
    from listed
    left join years on listed.year = years.year
)

select * from final
