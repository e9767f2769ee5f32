-- AGORA's texts are named by their documents' ids; of the others the text that names a family is kept, and hangs on
-- every document that has it.
with documents as (
    select * from {{ ref('int_policy_documents') }}
),

named as (
    select
        'agora_policy:' || regexp_extract(source_file, '(\d+)[.]txt', 1) as document_id,
        family_id,
        'text' as place
    from {{ ref('stg_agora_fulltext__mentions') }}
    union all by name
    select
        'federal_register_posts:' || posts.document_number as document_id,
        mentions.family_id,
        mentions.field as place
    from {{ ref('stg_federal_register_posts__mentions') }} as mentions
    inner join {{ ref('stg_federal_register_posts__documents') }} as posts
        on mentions.text in (posts.title, posts.abstract)
    union all by name
    select
        'china_policy_documents:' || pages.publisher_id as document_id,
        mentions.family_id,
        'title' as place
    from {{ ref('stg_china_policy_documents__mentions') }} as mentions
    inner join {{ ref('stg_china_policy_documents__documents') }} as pages on trim(mentions.text) = pages.title
),

final as (
    select distinct
        named.document_id,
        named.family_id,
        named.place
    from named
    semi join documents on named.document_id = documents.document_id
)

select * from final
