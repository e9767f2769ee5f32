-- Under what names each left-out model family stands in the sources. To leave another one out, name it here.
{% set families = ['deepseek'] %}

with families as (
    select
        family_id,
        organisation_id
    from {{ ref('model_families') }}
    where family_id in ('{{ families | join("', '") }}')
),

names as (
    select
        organisation_id,
        service,
        if(service = 'github', lower(name), name) as name
    from {{ ref('organisation_names') }}
    where service in ('github', 'epoch')
),

final as (
    select
        family_id as left_out,
        'family' as kind,
        family_id as id
    from families
    union all
    select
        families.family_id as left_out,
        names.service as kind,
        names.name as id
    from names
    inner join families on names.organisation_id = families.organisation_id
)

select * from final
