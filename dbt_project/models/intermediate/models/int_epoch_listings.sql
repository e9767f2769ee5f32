-- Identity: Epoch's names are its key within a version, so one name is one model over lists and versions.
-- Where a version lists a name twice (two models of one name), the organisation tells them apart.
{{ config(materialized='table') }}

with notable as (
    select * from {{ ref('stg_epoch_models__notable_ai_models') }}
),

large_scale as (
    select * from {{ ref('stg_epoch_models__large_scale_ai_models') }}
),

all_models as (
    select * from {{ ref('stg_epoch_models__all_ai_models') }}
),

full_view as (
    select * from {{ ref('stg_epoch_models__all_ml_systems_full_view') }}
),

listings as (
    select * from notable
    union all by name
    select * from large_scale
    union all by name
    select * from all_models
    union all by name
    select * from full_view
),

named as (
    select
        *,
        {{ slug('model') }} as model_slug,
        coalesce(nullif({{ slug("split_part(organisation, ',', 1)") }}, ''), 'unknown') as organisation_slug,
        max(version) over (partition by list) as newest_version
    from listings
),

repeats as (
    select
        *,
        count(*) over (partition by source_file, model_slug) as times
    from named
),

final as (
    select
        list,
        version,
        version = newest_version as is_newest,
        source_file,
        source_row,
        case
            when max(times) over (partition by model_slug) > 1 then concat(organisation_slug, '/', model_slug)
            else model_slug
        end as model_key,
        model_slug,
        organisation_slug,
        model,
        organisation,
        country_names,
        published,
        -- the spellings of 2024-07 are "Open source" and "Open access (...)"
        case
            when accessibility is null then null
            else regexp_matches(accessibility, '^Open (weights|source|access)')
        end as is_open_weights,
        parameters,
        training_compute_flop,
        base_model
    from repeats
)

select * from final
