{{ config(materialized='table') }}
-- What labels say of the owners that the registry knows. A label of a division names companies; their owners
-- inherit its country. A label says nothing of time and a company may stand under several divisions.
with placed as (
    select
        labelled as label,
        split_part(label, '/', 2) as country,
        case when contains(split_part(label, '/', 3), '-') then split_part(label, '/', 3) end as province
    from {{ ref('stg_open_digger_labels__links') }}
    where label like 'divisions/%' and labelled like 'companies/%'
),

labels as (
    select
        owners.owner_login,
        string_agg(distinct placed.country, ';' order by placed.country) as label_countries,
        string_agg(distinct placed.province, ';' order by placed.province) as label_provinces
    from {{ ref('stg_open_digger_labels__owners') }} as owners
    inner join placed
        on
            split_part(owners.label, '/', 1) = 'companies'
            and placed.label = 'companies/' || split_part(owners.label, '/', 2)
    where owners.platform = 'GitHub'
    group by all
),

resolutions as (
    select * from {{ ref('owner_country_resolutions') }}
),

final as (
    select
        labels.owner_login,
        registry.organisation_id,
        registry.country as registry_country,
        labels.label_countries,
        labels.label_provinces,
        case
            when registry.country = labels.label_countries then 'agrees'
            when registry.country = 'ZZ' then 'registry_unknown'
            else 'differs'
        end as agreement,
        resolutions.reason as resolution
    from labels
    inner join {{ ref('int_owner_countries') }} as registry on labels.owner_login = registry.owner_login
    left join resolutions
        on
            labels.owner_login = resolutions.owner_login
            and registry.country = resolutions.registry_country
            and labels.label_countries = resolutions.label_countries
)

select * from final
