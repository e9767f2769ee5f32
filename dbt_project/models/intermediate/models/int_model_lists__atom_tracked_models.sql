-- No release day but where the publisher corrected the Hub's.
with listings as (
    select
        model,
        min(hub_owner) as hub_owner,
        max(version) as source_version,
        min(version) as first_seen_version
    from {{ ref('stg_atom_tracked_models__models') }}
    group by model
),

corrections as (
    select
        model,
        arg_max(released, version) as released
    from {{ ref('stg_atom_tracked_models__release_corrections') }}
    group by model
),

sizes as (
    select
        model,
        arg_max(parameters, version) as parameters
    from {{ ref('stg_atom_tracked_models__parameters') }}
    group by model
),

final as (
    select
        'atom_tracked_models' as source,
        row_number() over (order by listings.model) as source_row,
        listings.hub_owner as maker,
        split_part(listings.model, '/', 2) as name,
        hubs.organisation_id,
        [{{ country_on('hubs', 'corrections.released') }}] as countries,
        corrections.released,
        case when corrections.released is not null then 'day' end as date_precision,
        true as is_open_weights,
        sizes.parameters,
        listings.source_version,
        listings.first_seen_version
    from listings
    left join corrections on listings.model = corrections.model
    left join sizes on listings.model = sizes.model
    left join {{ ref('int_hub_owners') }} as hubs on listings.hub_owner = hubs.owner
)

select * from final
