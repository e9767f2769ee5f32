{{ config(materialized='table') }}
-- A company is found by its name as whole words in the affiliation text. The plain search goes first
-- and is kept apart, so that the regular expression sees few pairs.
with papers as (
    select
        paper_id,
        make_date(year, 1, 1) as day,
        lower(affiliations) as affiliations
    from {{ ref('int_papers__conference') }}
    where affiliations is not null
    union all
    select
        paper_id,
        make_date(year, 1, 1) as day,
        lower(affiliations) as affiliations
    from {{ ref('int_papers__acl') }}
    where affiliations is not null
),

companies as (
    select
        organisations.organisation_id,
        organisations.country,
        organisations.earlier,
        lower(names.name) as name
    from {{ ref('organisation_names') }} as names
    inner join {{ ref('int_organisation_seats') }} as organisations
        on names.organisation_id = organisations.organisation_id
    where names.service = 'affiliation' and organisations.kind = 'company'
),

candidates as materialized (
    select
        papers.paper_id,
        papers.affiliations,
        companies.organisation_id,
        {{ country_on('companies', 'papers.day') }} as country,
        companies.name
    from papers
    inner join companies on contains(papers.affiliations, companies.name)
),

final as (
    select distinct
        paper_id,
        organisation_id,
        country
    from candidates
    where regexp_matches(affiliations, '(^|[^a-z0-9])' || regexp_escape(name) || '($|[^a-z0-9])')
)

select * from final
