-- A paper counts once in each of its countries. A country that is seen in some year of the panel has a
-- row in every year; Hong Kong, Macao and Taiwan do not exist in this source.
with papers as (
    select
        papers.paper_id,
        papers.year,
        years.regime,
        papers.affiliations is not null as has_affiliations
    from {{ ref('int_papers__conference') }} as papers
    inner join {{ ref('int_conference_years') }} as years on papers.year = years.year
    where
        years.is_panel_year
        and contains(years.regime, papers.venue)
),

by_country as (
    select
        'venue_papers' as outcome,
        papers.year,
        countries.country,
        count(*) as n
    from papers
    inner join {{ ref('int_papers__countries') }} as countries on papers.paper_id = countries.paper_id
    group by all
),

-- without affiliations nobody knows whether a company had a part: link and country are unknown
by_company as (
    select
        'venue_company_linked_papers' as outcome,
        papers.year,
        coalesce(companies.country, 'ZZ') as country,
        count(distinct papers.paper_id) as n
    from papers
    left join {{ ref('int_papers__companies') }} as companies
        on papers.paper_id = companies.paper_id
    where companies.country is not null or not papers.has_affiliations
    group by all
),

counted as (
    select * from by_country
    union all by name
    select * from by_company
),

years as (
    select
        papers.year,
        papers.regime,
        count(*) filter (where countries.country is null) / count(*)::double as known_share
    from papers
    left join {{ ref('int_papers__countries') }} as countries
        on papers.paper_id = countries.paper_id and countries.country = 'ZZ'
    group by all
),

seen as (
    select distinct
        outcome,
        country
    from counted
),

cells as (
    select
        seen.outcome,
        seen.country,
        years.year,
        years.regime,
        years.known_share
    from seen
    cross join years
),

final as (
    select
        cells.country,
        make_date(cells.year, 1, 1) as period,
        'year' as frequency,
        cells.outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        coalesce(counted.n, 0)::double as value,
        coalesce(counted.n, 0)::bigint as n_units,
        cells.known_share as coverage,
        true as is_complete,
        cells.regime,
        'conference_papers' as source
    from cells
    left join counted
        on
            cells.outcome = counted.outcome
            and cells.country = counted.country
            and cells.year = counted.year
    where cells.country not in ('HK', 'MO', 'TW')
)

select * from final
