-- A model is what stands in the newest version of a list today; names that left every list were renamed or
-- revised and live on in the vintages alone. Each attribute is that of the newest list which states it. The
-- organisation in the id is the first one ever given, so that a later respelling moves no id.
{{ config(materialized='table') }}

with listings as (
    select
        *,
        -- one day, several lists: the curated ones first
        struct_pack(
            version := version,
            rank := case list
                when 'notable_ai_models' then 3
                when 'large_scale_ai_models' then 2
                when 'all_ai_models' then 1
                else 0
            end,
            first_row := -source_row
        ) as precedence
    from {{ ref('int_epoch_listings') }}
),

grouped as (
    select
        model_key,
        concat('epoch_models:', arg_min(organisation_slug, precedence), '/', any_value(model_slug)) as model_id,
        bool_or(is_newest and list <> 'all_ml_systems_full_view') as is_listed,
        arg_max(model, precedence) as name,
        arg_max(organisation, precedence) as organisation,
        arg_max(published, precedence) as released,
        arg_max(is_open_weights, precedence) as is_open_weights,
        arg_max(parameters, precedence) as parameters,
        arg_max(training_compute_flop, precedence) as training_compute_flop,
        arg_max(base_model, precedence) as base_model,
        arg_max(source_file, precedence) filter (where country_names is not null) as country_file,
        arg_max(source_row, precedence) filter (where country_names is not null) as country_row,
        max(version) as source_version,
        min(version) as first_seen_version
    from listings
    group by model_key
),

final as (
    select * exclude (is_listed)
    from grouped
    where is_listed
)

select * from final
