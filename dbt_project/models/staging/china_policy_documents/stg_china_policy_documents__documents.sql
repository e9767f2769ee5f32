-- A workbook repeats its rows: the same entry in every column is one document. Of two days the earlier is the
-- first public one: a document's day after its page's is a slip, of which the page's day is judge. The library of
-- gov.cn lists a page again when it is put there anew: it counts once, at its first day.
with source as (
    select * from {{ source('china_policy_documents', 'documents') }}
),

counted as (
    select
        regexp_replace(url, '^https?://', '') as publisher_id,
        authority,
        trim(title) as title,
        issued,
        published,
        least(issued, published) as first_day,
        url,
        library,
        number,
        category,
        count(*) as copies
    from source
    group by all
),

final as (
    select *
    from counted
    qualify
        library is null
        or row_number() over (partition by library, publisher_id order by published, issued, title) = 1
)

select * from final
