-- Four flows a month; refused rows are counted in the last month.
with months as (
    select
        month,
        count(*) as flows
    from {{ ref('stg_chip_trade__exports') }}
    group by month
),

refused as (
    select count(*) as rejected from {{ source('chip_trade', '_rejected') }}
),

final as (
    select
        'chip_trade' as source,
        months.month,
        4::bigint as expected,
        months.flows::bigint as observed,
        case when months.month = max(months.month) over () then refused.rejected else 0 end::bigint as rejected,
        months.flows / 4.0::double as share,
        'documents' as unit,
        'customs' as regime,
        case when months.flows < 4 then 'a flow is absent' end as note
    from months
    cross join refused
)

select * from final
