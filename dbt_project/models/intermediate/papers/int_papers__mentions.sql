-- Found when the sources were loaded (dlt_sources/model_names.py): a title names what it names wherever it stands.
with papers as (
    select * from {{ ref('int_papers') }}
),

mentions as (
    select
        title,
        family_id,
        'nlp_arxiv_daily' as source
    from {{ ref('stg_nlp_arxiv_daily__mentions') }}
    union
    select
        title,
        family_id,
        'conference_papers' as source
    from {{ ref('stg_conference_papers__mentions') }}
),

final as (
    select distinct
        papers.paper_id,
        mentions.family_id
    from papers
    inner join mentions on papers.source = mentions.source and papers.title = mentions.title
)

select * from final
