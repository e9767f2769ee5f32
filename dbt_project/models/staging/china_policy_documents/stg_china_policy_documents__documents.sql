-- A workbook repeats its rows: the same entry in every column is one document. Of two days the earlier is the
-- first public one: a document's day after its page's is a slip, of which the page's day is judge.
with source as (
    select * from {{ source('china_policy_documents', 'documents') }}
),

final as (
    select
        regexp_replace(url, '^https?://', '') as publisher_id,
        authority,
        trim(title) as title,
        issued,
        published,
        least(issued, published) as first_day,
        url,
        count(*) as copies
    from source
    group by all
)

select * from final
