{{ config(materialized='table') }}
-- Exact names only: the whole text, then its parts between commas, then parts between "and"; the first of
-- the three in which a name or a country is found counts alone, so that a branch with a name of its own
-- (a university's campus abroad) is not taken for the university. Companies have no country here: a company's
-- seat is not where its authors work.
with affiliations as (
    select distinct affiliation_key
    from {{ ref('stg_acl_anthology_affiliations__affiliations') }}
),

levels as (
    select
        affiliation_key,
        unnest([1, 2, 3]) as level
    from affiliations
),

parts as (
    select
        affiliation_key,
        level,
        case level
            when 1 then [affiliation_key]
            when 2 then string_split_regex(affiliation_key, '[,;/()]')
            else string_split_regex(affiliation_key, '[,;/()&]| and ')
        end as names
    from levels
),

names as (
    select
        affiliation_key,
        level,
        {{ affiliation_key('unnest(names)') }} as name
    from parts
),

-- a state of the United States and an adjective have a country's name
countries as (
    select
        {{ affiliation_key('name') }} as name,
        min(country) as country
    from {{ ref('country_names') }}
    where kind = 'country' and name not in ('Georgia', 'Jersey')
    group by all
),

known as (
    select
        affiliation_key as name,
        country
    from {{ ref('int_institution_countries') }}
    union all by name
    select
        name,
        country
    from countries
),

placed as (
    select distinct
        names.affiliation_key,
        names.level,
        known.country
    from names
    inner join known on names.name = known.name
),

first_level as (
    select *
    from placed
    qualify level = min(level) over (partition by affiliation_key)
),

by_paper as (
    select distinct
        affiliations.paper,
        first_level.country
    from {{ ref('stg_acl_anthology_affiliations__affiliations') }} as affiliations
    inner join first_level on affiliations.affiliation_key = first_level.affiliation_key
    where first_level.country <> 'ZZ'
),

final as (
    select
        papers.paper_id,
        coalesce(by_paper.country, 'ZZ') as country
    from {{ ref('int_papers__acl') }} as papers
    left join by_paper on papers.paper = by_paper.paper
)

select * from final
