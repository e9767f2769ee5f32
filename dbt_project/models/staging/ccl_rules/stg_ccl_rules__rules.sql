with source as (
    select * from {{ source('ccl_rules', 'rules') }}
),

final as (
    select
        document_number,
        title,
        url,
        published,
        effective,
        action,
        supplements,
        known_on
    from source
)

select * from final
