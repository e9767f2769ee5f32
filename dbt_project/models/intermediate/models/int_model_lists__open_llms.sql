with models as (
    select * from {{ ref('stg_open_llms__models') }}
),

hubs as (
    select * from {{ ref('int_hub_owners') }}
    where not is_mirror
),

final as (
    select
        'open_llms' as source,
        models.source_row,
        coalesce(models.hub_owner, models.owner_login) as maker,
        models.model as name,
        coalesce(hubs.organisation_id, logins.organisation_id) as organisation_id,
        [coalesce(
            nullif({{ country_on('hubs', 'models.released') }}, 'ZZ'), {{ country_on('logins', 'models.released') }}
        )] as countries,
        models.released,
        if(models.is_day_known, 'day', 'month') as date_precision,
        true as is_open_weights,
        models.parameters,
        models.version as source_version,
        models.version as first_seen_version
    from models
    left join hubs on models.hub_owner = hubs.owner
    left join {{ ref('int_owner_countries') }} as logins on models.owner_login = logins.owner_login
)

select * from final
