with source as (
    select * from {{ source('chip_trade', 'exports') }}
),

final as (
    select
        month,
        exporter,
        destination,
        product,
        -- Korean customs count in thousands
        value * case when starts_with(unit, 'thousand ') then 1000 else 1 end as value,
        regexp_replace(unit, '^thousand ', '') as unit
    from source
    where value is not null
)

select * from final
