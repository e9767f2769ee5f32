with source as (
    select * from {{ source('regulations_gov_bis', 'documents') }}
),

final as (
    select
        document_id,
        agency_id,
        document_type,
        title,
        -- midnight Eastern is 04:00 or 05:00 UTC; withdrawn documents say 00:00 UTC, the evening before
        timezone('America/New_York', posted_at)::date as posted_day,
        last_modified_at,
        docket_id,
        fr_doc_num,
        is_withdrawn,
        query_date
    from source
)

select * from final
