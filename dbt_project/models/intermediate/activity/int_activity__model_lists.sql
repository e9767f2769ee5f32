-- Releases of each list, never added over lists: the same model stands in several. A list that is no longer kept has
-- no complete period after its outcome's window.
with outcomes as (
    select
        outcomes.outcome,
        outcomes.frequency,
        outcomes.sources as source,
        outcomes.window_start,
        outcomes.window_end,
        outcomes.outcome = 'listed_chinese_models_released' as is_of_china_alone
    from {{ ref('outcomes') }} as outcomes
    where
        outcomes.outcome in (
            'listed_chinese_models_released', 'open_llms_listed', 'big_models_listed', 'ecosystem_open_models'
        )
),

releases as (
    select
        outcomes.outcome,
        models.model_id,
        date_trunc(outcomes.frequency, models.released)::date as period,
        unnest(models.countries) as country
    from {{ ref('int_model_lists') }} as models
    inner join outcomes on models.source = outcomes.source
    where models.is_open_weights or outcomes.outcome = 'big_models_listed'
),

counted as (
    select
        outcome,
        country,
        period,
        count(distinct model_id) as models
    from releases
    where period is not null
    group by all
),

versions as (
    select
        source,
        max(source_version) as version
    from {{ ref('int_model_lists') }}
    group by source
),

spans as (
    select
        outcomes.*,
        versions.version,
        unnest(
            generate_series(
                outcomes.window_start,
                date_trunc(outcomes.frequency, versions.version),
                if(outcomes.frequency = 'month', interval 1 month, interval 3 month)
            )
        )::date as period
    from outcomes
    inner join versions on outcomes.source = versions.source
),

final as (
    select
        countries.country,
        spans.period,
        spans.frequency,
        spans.outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        coalesce(counted.models, 0)::double as value,
        coalesce(counted.models, 0)::bigint as n_units,
        null::double as coverage,
        spans.period <= spans.window_end
        and spans.period < date_trunc(spans.frequency, spans.version) as is_complete,
        if(spans.period <= spans.window_end, 'list_kept', 'list_hardly_kept') as regime,
        spans.source
    from spans
    cross join {{ ref('countries') }} as countries
    left join counted
        on
            spans.outcome = counted.outcome
            and countries.country = counted.country
            and spans.period = counted.period
    where not spans.is_of_china_alone or countries.country in ('CN', 'ZZ')
)

select * from final
