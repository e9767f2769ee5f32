-- Words are looked for in every document; AGORA's annotated documents have the publisher's tags besides.
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
    select
        documents.document_id,
        rules.theme
    from documents
    inner join tags on documents.document_id = tags.document_id
    inner join rules on tags.tag = rules.pattern and documents.collection = rules.collection
    where rules.basis = 'tag'
),

by_word as (
    select
        documents.document_id,
        rules.theme
    from documents
    inner join rules
        on
            documents.collection = rules.collection
            and rules.basis = 'word'
            and regexp_matches(documents.theme_text, rules.pattern)
),

named as (
    select * from by_tag
    union
    select * from by_word
),

unnamed as (
    select
        document_id,
        'other' as theme
    from documents
    where document_id not in (select document_id from named)
),

final as (
    select * from named
    union all
    select * from unnamed
)

select * from final
