-- A line of models taken up by a project: the first day on which any id of it stood there, whichever account the id
-- names. A mirror's model is that of the maker whose account has the same line, or whose registered family its name
-- names; what neither tells is ZZ, as is an account that the registry does not know.
{{ config(materialized='table') }}

with ids as (
    select
        *,
        {{ model_line('model_id') }} as model_line
    from {{ ref('stg_model_registry_dates__first_listings') }}
),

names as (
    select distinct model_id as name
    from ids
),

families as (
    {{ families_of('names') }}
),

accounts as (
    select
        ids.*,
        coalesce(hubs.is_mirror, false) as is_mirror,
        {{ country_on('hubs', 'ids.first_day') }} as owner_country,
        coalesce(origin.country, 'ZZ') as family_country
    from ids
    left join {{ ref('int_hub_owners') }} as hubs on ids.hub_owner = hubs.owner
    left join families on ids.model_id = families.name
    left join {{ ref('model_families') }} as origin on families.family_id = origin.family_id
),

makers as (
    select
        model_line,
        arg_min(owner_country, struct_pack(day := first_day, id := model_id)) as country
    from accounts
    where not is_mirror and owner_country <> 'ZZ'
    group by model_line
),

placed as (
    select
        accounts.*,
        case
            when not accounts.is_mirror then accounts.owner_country
            else coalesce(makers.country, accounts.family_country)
        end as country
    from accounts
    left join makers on accounts.model_line = makers.model_line
),

final as (
    select
        registry,
        country,
        model_line,
        min(first_day) as first_day,
        count(*) as ids,
        any_value(version) as version
    from placed
    group by registry, country, model_line
)

select * from final
