-- A list holds every release in its scope, so that a country without one has 0: all countries are filled
-- from the window's start to the newest release of a version. The year before a version is still filling up.
{{ config(materialized='table') }}

with listings as (
    select
        *,
        case list
            when 'notable_ai_models' then 'open_models_notable'
            when 'large_scale_ai_models' then 'open_models_large_scale'
        end as outcome
    from {{ ref('int_epoch_listings') }}
    where list in ('notable_ai_models', 'large_scale_ai_models')
),

-- a version without any statement on access cannot say which models are open
versions as (
    select
        outcome,
        version,
        bool_or(is_newest) as is_newest,
        date_trunc('month', max(published))::date as last_month
    from listings
    group by all
    having count(is_open_weights) > 0
),

outcomes as (
    select
        outcome,
        window_start
    from {{ ref('outcomes') }}
),

variants as (
    {{ left_out_variants('int_left_out') }}
),

-- what is left out is counted in the newest version alone
months as (
    select
        versions.*,
        variants.left_out,
        unnest(generate_series(outcomes.window_start, versions.last_month, interval 1 month))::date as month
    from versions
    inner join outcomes using (outcome)
    cross join variants
    where variants.left_out is null or versions.is_newest
),

left_out as (
    select
        listings.source_file,
        listings.source_row,
        left_out.left_out
    from listings
    inner join {{ ref('int_left_out') }} as left_out
        on
            left_out.kind = 'epoch'
            and list_contains(regexp_split_to_array(listings.organisation, ',\s*'), left_out.id)
),

counted as (
    select
        listings.outcome,
        listings.version,
        countries.country,
        variants.left_out,
        date_trunc('month', listings.published)::date as month,
        count(*) as models
    from listings
    inner join {{ ref('int_epoch_listing_countries') }} as countries using (source_file, source_row)
    cross join variants
    anti join left_out
        on
            variants.left_out = left_out.left_out
            and listings.source_file = left_out.source_file
            and listings.source_row = left_out.source_row
    where listings.is_open_weights
    group by all
),

final as (
    select
        months.outcome,
        months.version,
        months.is_newest,
        countries.country,
        months.month,
        months.left_out,
        coalesce(counted.models, 0) as models,
        months.month <= date_trunc('month', months.version) - interval 12 month as is_complete
    from months
    cross join {{ ref('countries') }} as countries
    left join counted
        on
            months.outcome = counted.outcome
            and months.version = counted.version
            and countries.country = counted.country
            and months.month = counted.month
            and months.left_out is not distinct from counted.left_out
)

select * from final
