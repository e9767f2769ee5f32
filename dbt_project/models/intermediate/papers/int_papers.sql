{{ config(materialized='table') }}
{% set efficiency_words = [
    'efficien(t|tly|cy)', 'quanti[sz](ed|ing|ation)', 'pruning', 'pruned', 'low-bit',
    '(knowledge )?distill(ed|ing|ation)', 'lightweight', '(model|network|kv cache) compression',
    'accelerat(ed|ing|ion)', 'speculative decoding', 'low-rank adapt\\w*', 'mixture[- ]of[- ]experts',
    'on-device', 'edge devices?', 'memory footprint', 'inference (speed|cost|latency)',
] %}

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

-- Efficient with data or labels is another subject than efficient with computers.
compute_words as (
    select
        *,
        regexp_replace(
            words, '(?i)(sample|data|label|annotation|query|communication)[- ]efficien\w*', '', 'g'
        ) as other_words
    from papers
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
        regexp_matches(other_words, '(?i)\b({{ efficiency_words | join("|") }})\b') as is_efficiency,
        source
    from compute_words
)

select * from final
