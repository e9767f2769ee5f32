with models as (
    select * from {{ ref('int_epoch_models') }}
),

organisation_names as (
    select
        name,
        organisation_id
    from {{ ref('bridge_organisation_name') }}
    where service = 'epoch'
),

patterns as (
    select
        family_id,
        pattern,
        '(^|[^a-z0-9])' || regexp_escape(pattern) || '([^a-z0-9]|$)' as expression
    from {{ ref('bridge_model_family_pattern') }}
),

base_models as (
    select distinct base_model
    from models
    where base_model is not null
),

-- a regular expression that is no constant is compiled for every row: most rows lack even its letters
candidates as materialized (
    select
        base_models.base_model,
        patterns.family_id,
        patterns.pattern,
        patterns.expression
    from base_models
    inner join patterns on contains(lower(base_models.base_model), patterns.pattern)
),

-- the longest pattern names the family best; a field that names models is context enough
families as (
    select
        base_model,
        arg_max(family_id, struct_pack(length := length(pattern), family_id := family_id)) as base_family_id
    from candidates
    where regexp_matches(lower(base_model), expression)
    group by base_model
),

epoch as (
    select
        models.model_id,
        models.name,
        coalesce(whole.organisation_id, lead.organisation_id) as organisation_id,
        models.released,
        case
            when day(models.released) = 1 then 'month'
            when models.released is not null then 'day'
        end as date_precision,
        models.is_open_weights,
        models.parameters,
        models.training_compute_flop,
        families.base_family_id,
        'epoch_models' as source,
        models.source_version,
        models.first_seen_version
    from models
    left join organisation_names as whole on models.organisation = whole.name
    left join organisation_names as lead on trim(split_part(models.organisation, ',', 1)) = lead.name
    left join families on models.base_model = families.base_model
),

listed as (
    select * from {{ ref('int_model_lists') }}
),

final as (
    select * from epoch
    union all by name
    select
        model_id,
        name,
        organisation_id,
        released,
        date_precision,
        is_open_weights,
        parameters,
        null::double as training_compute_flop,
        null::varchar as base_family_id,
        source,
        source_version,
        first_seen_version
    from listed
)

select * from final
