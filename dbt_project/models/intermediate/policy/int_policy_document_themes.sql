-- A document has the themes that any rule gives it, or none.
{{ config(materialized='table') }}

with documents as (
    select * from {{ ref('int_policy_documents') }}
),

named as (
    select distinct
        document_id,
        theme
    from {{ ref('int_policy_theme_hits') }}
),

unnamed as (
    select
        document_id,
        'other' as theme
    from documents
    anti join named on documents.document_id = named.document_id
),

final as (
    select * from named
    union all
    select * from unnamed
)

select * from final
