{{ config(materialized='table') }}

with conference as (
    select * from {{ ref('int_papers__conference') }}
),

acl as (
    select * from {{ ref('int_papers__acl') }}
),

arxiv as (
    select * from {{ ref('int_papers__arxiv') }}
),

linked as (
    select distinct paper_id from {{ ref('int_papers__companies') }}
),

papers as (
    select
        conference.paper_id,
        conference.title,
        make_date(conference.year, 1, 1) as date,
        'venue' as date_kind,
        'year' as date_precision,
        conference.venue,
        case when conference.affiliations is not null then linked.paper_id is not null end as is_company_linked,
        concat_ws(' ', conference.title, conference.keywords) as words,
        'conference_papers' as source
    from conference
    left join linked on conference.paper_id = linked.paper_id
    union all by name
    select
        acl.paper_id,
        acl.title,
        make_date(acl.year, 1, 1) as date,
        'venue' as date_kind,
        'year' as date_precision,
        acl.venue,
        -- one affiliation of several authors proves a company, but not that there was none
        case when linked.paper_id is not null or acl.is_fully_affiliated then linked.paper_id is not null end
            as is_company_linked,
        acl.title as words,
        'acl_anthology_affiliations' as source
    from acl
    left join linked on acl.paper_id = linked.paper_id
    union all by name
    select
        paper_id,
        title,
        date,
        'submitted' as date_kind,
        'day' as date_precision,
        null as venue,
        null as is_company_linked,
        title as words,
        'nlp_arxiv_daily' as source
    from arxiv
),

final as (
    select
        paper_id,
        title,
        date,
        date_kind,
        date_precision,
        venue,
        is_company_linked,
        {{ is_efficiency('words') }} as is_efficiency,
        source
    from papers
)

select * from final
