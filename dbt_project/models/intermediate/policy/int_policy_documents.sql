-- The collections in one shape. A document is in scope by its publisher's own rule: AGORA holds AI policy; of
-- the Chinese lists, entries over the publisher's AI score and no questions-and-answers about another entry; of
-- Regulations.gov, what BIS posted and did not withdraw; of the Federal Register, what its reader's words found.
-- Governments' pages hold every subject: there the title must name technology and be of no explanation or vacancy.
with agora_latest as (
    select *
    from {{ ref('stg_agora_policy__documents') }}
    where snapshot = (select max(snapshot) from {{ ref('stg_agora_policy__documents') }})
),

authorities as (
    select
        authority,
        snapshot,
        -- "Other countries" names no country, the authority's name does
        case
            when jurisdiction = 'Other countries' then regexp_replace(authority, '^Government of (the )?', '')
            else jurisdiction
        end as jurisdiction_name
    from {{ ref('stg_agora_policy__authorities') }}
),

countries as (
    select
        name,
        country
    from {{ ref('country_names') }}
),

texts as (
    select
        texts.agora_id,
        coalesce(bool_or(starts_with(hits.term, 'open ')), false) as mentions_open_source
    from {{ ref('stg_agora_fulltext__texts') }} as texts
    left join {{ ref('stg_agora_fulltext__term_hits') }} as hits on texts.agora_id = hits.agora_id
    group by texts.agora_id
),

agora as (
    select
        'agora_policy:' || documents.agora_id as document_id,
        'agora' as collection,
        documents.title,
        coalesce(countries.country, 'ZZ') as jurisdiction,
        documents.authority as issuer,
        -- Proposed after the last activity is a slip of the publisher: the earlier day is the first public
        -- one. A bill that died without a proposal date has none: its death is no publication.
        case
            when documents.status = 'defunct' and documents.proposed_date is null then null
            else least(coalesce(documents.proposed_date, documents.activity_date), documents.activity_date)
        end as published,
        documents.proposed_date as proposed,
        documents.status,
        concat_ws(' ', documents.title, documents.short_summary, documents.long_summary) as theme_text,
        concat_ws(' ', documents.title, documents.short_summary, documents.long_summary) as open_source_text,
        case
            when texts.agora_id is not null then 'text'
            when documents.short_summary is not null or documents.long_summary is not null then 'summary'
            else 'title'
        end as text_read,
        null::varchar as federal_register_number,
        texts.mentions_open_source as found_in_text,
        'en' as language,
        documents.url,
        'agora_policy' as source,
        documents.agora_id as tie_break
    from agora_latest as documents
    left join authorities
        on documents.authority = authorities.authority and documents.snapshot = authorities.snapshot
    left join countries on authorities.jurisdiction_name = countries.name
    left join texts on documents.agora_id = texts.agora_id
),

lists as (
    select
        'china_policy_lists:' || list || '/' || publisher_id as document_id,
        list as collection,
        title,
        'CN' as jurisdiction,
        issuing_department as issuer,
        publication_date as published,
        null::date as proposed,
        case when regexp_matches(title, '征求意见') then 'proposed' else 'published' end as status,
        title as theme_text,
        concat_ws(' ', title, full_text) as open_source_text,
        null::varchar as federal_register_number,
        null::boolean as found_in_text,
        case when full_text is null then 'title' else 'text' end as text_read,
        'zh' as language,
        url,
        'china_policy_lists' as source,
        source_row as tie_break
    from {{ ref('stg_china_policy_lists__policies') }}
    where ai_score > 4 and not regexp_matches(title, '答记者问|一图|解读')
),

bis as (
    select
        'regulations_gov_bis:' || document_id as document_id,
        'bis' as collection,
        title,
        'US' as jurisdiction,
        'Bureau of Industry and Security' as issuer,
        posted_day as published,
        case when document_type = 'Proposed Rule' then posted_day end as proposed,
        case when document_type = 'Proposed Rule' then 'proposed' else 'enacted' end as status,
        title as theme_text,
        title as open_source_text,
        null::boolean as found_in_text,
        'title' as text_read,
        'en' as language,
        'https://www.regulations.gov/document/' || document_id as url,
        'regulations_gov_bis' as source,
        fr_doc_num as federal_register_number,
        -epoch(last_modified_at)::bigint as tie_break
    from {{ ref('stg_regulations_gov_bis__documents') }}
    where
        agency_id = 'BIS'
        and not is_withdrawn
        -- a copy of a Federal Register page, filed under a second docket
        and not (fr_doc_num is null and regexp_matches(title, '^[0-9]+ FR [0-9]+'))
),

federal_register as (
    select * from {{ ref('int_federal_register_documents') }}
),

china_gov as (
    select
        'china_policy_documents:' || publisher_id as document_id,
        coalesce(library, 'china_gov') as collection,
        title,
        'CN' as jurisdiction,
        authority as issuer,
        first_day as published,
        null::date as proposed,
        'published' as status,
        title as theme_text,
        title as open_source_text,
        null::varchar as federal_register_number,
        null::boolean as found_in_text,
        'title' as text_read,
        'zh' as language,
        url,
        'china_policy_documents' as source,
        0 as tie_break
    from {{ ref('stg_china_policy_documents__documents') }}
    where {{ is_technology_policy('title') }}
),

unioned as (
    select * from agora
    union all by name
    select * from lists
    union all by name
    select * from bis
    union all by name
    select * from federal_register
    union all by name
    select * from china_gov
),

numbered as (
    select
        *,
        row_number() over (partition by document_id order by published, tie_break, title) as copy
    from unioned
),

final as (
    select
        document_id,
        collection,
        title,
        jurisdiction,
        issuer,
        published,
        proposed,
        status,
        -- where only the title could be read, silence in it says nothing about the document
        case
            when found_in_text or {{ names_open_source('open_source_text') }} then true
            when text_read != 'title' then false
        end as mentions_open_source,
        language,
        url,
        source,
        coalesce('federal_register:' || federal_register_number, document_id) as counted_as,
        text_read,
        theme_text
    from numbered
    where copy = 1
)

select * from final
