-- A theme's share within each side's own total, by quarter; n_units are the documents that it is a share of. A
-- quarter without a document has no share and no row.
with outcomes as (
    select * from {{ ref('policy_share_outcomes') }}
),

shares as (
    select * from {{ ref('int_policy_share_periods') }}
    where frequency = 'quarter'
),

final as (
    select
        shares.country,
        shares.period,
        shares.frequency,
        outcomes.outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        shares.share as value,
        shares.documents as n_units,
        null::double as coverage,
        shares.is_complete,
        shares.collection as regime,
        shares.source
    from shares
    inner join outcomes on shares.comparison = outcomes.comparison and shares.theme = outcomes.theme
)

select * from final
