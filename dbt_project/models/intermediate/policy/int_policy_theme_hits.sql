-- Words are looked for in every document; AGORA's annotated documents have the publisher's tags besides, and
-- documents whose full text was read the words that it names at least twice (once is often in passing).
{{ config(materialized='table') }}

with documents as (
    select * from {{ ref('int_policy_documents') }}
),

tags as (
    select
        'agora_policy:' || agora_id as document_id,
        tag
    from {{ ref('stg_agora_policy__document_tags') }}
    where snapshot = (select max(snapshot) from {{ ref('stg_agora_policy__document_tags') }})
),

rules as (
    select * from {{ ref('policy_themes') }}
    where theme is not null
),

by_tag as (
    select distinct
        documents.document_id,
        rules.theme,
        rules.basis
    from documents
    inner join tags on documents.document_id = tags.document_id
    inner join rules on tags.tag = rules.pattern and documents.collection = rules.collection
    where rules.basis = 'tag'
),

by_term as (
    select
        'agora_policy:' || hits.agora_id as document_id,
        rules.theme,
        rules.basis
    from {{ ref('stg_agora_fulltext__term_hits') }} as hits
    inner join rules on hits.term = rules.pattern
    where rules.collection = 'agora' and rules.basis = 'term'
    group by all
    having sum(hits.hits) >= 2
),

by_word as (
    select distinct
        documents.document_id,
        rules.theme,
        rules.basis
    from documents
    inner join rules
        on
            documents.collection = rules.collection
            and rules.basis = 'word'
            and regexp_matches(documents.theme_text, rules.pattern)
),

final as (
    select * from by_tag
    union all
    select by_term.*
    from by_term
    semi join documents on by_term.document_id = documents.document_id
    union all
    select * from by_word
)

select * from final
