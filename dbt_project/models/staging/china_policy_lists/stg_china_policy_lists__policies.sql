with source as (
    select * from {{ source('china_policy_lists', 'policies') }}
),

final as (
    select
        list,
        -- the last part of the address is the office's own number of the document
        regexp_extract(url, '([^/]+?)([.]html?)?/?$', 1) as publisher_id,
        trim(title) as title,
        publication_date,
        issuing_department,
        ai_score,
        full_text,
        url,
        snapshot,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
