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
        status,
        counted_as,
        text_read
    from source
)

select * from final
