-- A paper counts once in a region and once in each affiliation, so a region's papers cannot exceed the sum
-- over its affiliations: they would where rows of affiliations are missing.
with papers as (
    select
        year,
        region,
        papers
    from {{ ref('stg_neurips_affiliations__region_years') }}
),

incidences as (
    select
        year,
        region,
        sum(papers) as incidences
    from {{ ref('stg_neurips_affiliations__affiliation_years') }}
    group by all
)

select
    papers.year,
    papers.region,
    papers.papers,
    incidences.incidences
from papers
left join incidences on papers.year = incidences.year and papers.region = incidences.region
where papers.papers > coalesce(incidences.incidences, 0)
