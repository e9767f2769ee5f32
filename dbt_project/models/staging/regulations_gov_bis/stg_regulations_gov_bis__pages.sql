with source as (
    select * from {{ source('regulations_gov_bis', 'pages') }}
),

final as (
    select
        query_date,
        page,
        total_elements,
        elements,
        has_next_page
    from source
)

select * from final
