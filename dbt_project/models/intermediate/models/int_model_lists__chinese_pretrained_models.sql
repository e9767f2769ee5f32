with models as (
    select * from {{ ref('stg_chinese_pretrained_models__models') }}
),

hubs as (
    select * from {{ ref('int_hub_owners') }}
    where not is_mirror
),

final as (
    select
        'chinese_pretrained_models' as source,
        models.source_row,
        coalesce(models.hub_owner, models.owner_login, models.maker) as maker,
        models.model as name,
        coalesce(hubs.organisation_id, logins.organisation_id) as organisation_id,
        [coalesce(
            nullif({{ country_on('hubs', 'models.released') }}, 'ZZ'), {{ country_on('logins', 'models.released') }}
        )] as countries,
        models.released,
        case when models.released is not null then 'month' end as date_precision,
        true as is_open_weights,
        null::double as parameters,
        models.version as source_version,
        models.version as first_seen_version
    from models
    left join hubs on models.hub_owner = hubs.owner
    left join {{ ref('int_owner_countries') }} as logins on models.owner_login = logins.owner_login
)

select * from final
