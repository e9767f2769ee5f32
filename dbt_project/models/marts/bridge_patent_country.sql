with countries as (
    select * from {{ ref('int_patents__countries') }}
),

final as (
    select
        document_id,
        country
    from countries
)

select * from final
