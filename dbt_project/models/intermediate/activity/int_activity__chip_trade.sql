-- What reached China, as the exporters' customs count it: the country is the destination. Nobody else's imports
-- are here but Hong Kong's machines, which stay in staging: no other country has a row.
with exports as (
    select * from {{ ref('stg_chip_trade__exports') }}
),

named as (
    select
        *,
        case
            when exporter = 'KR' and product = '8542' then 'korean_chip_exports_to_china'
            when exporter = 'KR' and product = '8486' then 'korean_chip_machine_exports_to_china'
            when exporter = 'NL' and product = '8486' then 'dutch_chip_machine_exports_to_china'
        end as outcome
    from exports
    where destination = 'CN'
),

final as (
    select
        destination as country,
        month as period,
        'month' as frequency,
        outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        value,
        null::bigint as n_units,
        1.0::double as coverage,
        true as is_complete,
        'customs' as regime,
        'chip_trade' as source
    from named
    where outcome is not null
)

select * from final
