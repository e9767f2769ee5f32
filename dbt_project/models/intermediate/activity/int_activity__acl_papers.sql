-- A paper counts once in each of its countries, a company-linked one in its companies' seats. Years differ in
-- their conferences, so levels are not compared. Names of institutions are known in part, so a country
-- without a row is unknown and not zero.
with papers as (
    select
        papers.paper_id,
        papers.year,
        papers.is_fully_affiliated
    from {{ ref('int_papers__acl') }} as papers
    where papers.is_research and papers.affiliations is not null
),

by_country as (
    select
        'acl_papers' as outcome,
        papers.year,
        countries.country,
        count(*) as n
    from papers
    inner join {{ ref('int_papers__acl_countries') }} as countries on papers.paper_id = countries.paper_id
    group by all
),

-- where not every author states an affiliation and no company is named, nobody knows
by_company as (
    select
        'acl_company_linked_papers' as outcome,
        papers.year,
        coalesce(companies.country, 'ZZ') as country,
        count(distinct papers.paper_id) as n
    from papers
    left join {{ ref('int_papers__companies') }} as companies on papers.paper_id = companies.paper_id
    where companies.country is not null or not papers.is_fully_affiliated
    group by all
),

counted as (
    select * from by_country
    union all by name
    select * from by_company
),

known as (
    select
        papers.year,
        count(*) filter (where countries.country is null) / count(*)::double as known_share
    from papers
    left join {{ ref('int_papers__acl_countries') }} as countries
        on papers.paper_id = countries.paper_id and countries.country = 'ZZ'
    group by papers.year
),

final as (
    select
        counted.country,
        make_date(counted.year, 1, 1) as period,
        'year' as frequency,
        counted.outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        counted.n::double as value,
        counted.n::bigint as n_units,
        known.known_share as coverage,
        years.is_complete,
        years.regime,
        'acl_anthology_affiliations' as source
    from counted
    inner join {{ ref('int_acl_years') }} as years on counted.year = years.year
    inner join known on counted.year = known.year
)

select * from final
