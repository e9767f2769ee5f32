with source as (
    select * from {{ ref('int_policy_documents') }}
),

final as (
    select
        document_id,
        title,
        jurisdiction,
        issuer,
        published,
        proposed,
        mentions_open_source,
        language,
        url,
        source,
        collection,
        status
    from source
)

select * from final
