{{ config(materialized='table') }}
-- Papers of the main volumes and findings; demonstrations, industry tracks and student workshops stand beside
-- them as papers, tutorials are none.
with papers as (
    select * from {{ ref('stg_acl_anthology_affiliations__papers') }}
    where volume <> 'tutorials'
),

affiliations as (
    select
        paper,
        string_agg(affiliation, ';' order by author_place, affiliation) as affiliations
    from {{ ref('stg_acl_anthology_affiliations__affiliations') }}
    group by paper
),

final as (
    select
        'acl_anthology_affiliations:' || papers.paper as paper_id,
        papers.paper,
        papers.venue,
        papers.year,
        papers.title,
        affiliations.affiliations,
        papers.volume in ('main', 'long', 'short') or papers.collection like '%.findings' as is_research,
        papers.affiliated_authors = papers.authors as is_fully_affiliated
    from papers
    left join affiliations on papers.paper = affiliations.paper
)

select * from final
