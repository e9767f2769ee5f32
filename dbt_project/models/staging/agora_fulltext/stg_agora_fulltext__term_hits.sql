with source as (
    select * from {{ source('agora_fulltext', 'term_hits') }}
),

final as (
    select
        agora_id,
        term,
        hits
    from source
)

select * from final
