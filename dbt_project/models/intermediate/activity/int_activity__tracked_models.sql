-- A stock: what the newest version of a month lists, by the maker's country. Absent is unknown: a model enters by
-- downloads.
with listings as (
    select
        listings.version,
        date_trunc('month', listings.version)::date as month,
        listings.model,
        {{ country_on('hubs', 'listings.version') }} as country
    from {{ ref('stg_atom_tracked_models__models') }} as listings
    left join {{ ref('int_hub_owners') }} as hubs on listings.hub_owner = hubs.owner
    where listings.list = 'models'
),

newest as (
    select * from listings
    qualify version = max(version) over (partition by month)
),

counted as (
    select
        month,
        country,
        count(distinct model) as models
    from newest
    group by all
),

final as (
    select
        country,
        month as period,
        'month' as frequency,
        'tracked_open_models' as outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        models::double as value,
        models::bigint as n_units,
        null::double as coverage,
        true as is_complete,
        'tracked_list' as regime,
        'atom_tracked_models' as source
    from counted
)

select * from final
