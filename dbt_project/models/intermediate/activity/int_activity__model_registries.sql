-- LLaMA-Factory alone: it lists models and no data sets, and is the one project that was kept over the whole window.
with lines as (
    select * from {{ ref('int_registry_lines') }}
    where registry = 'hiyouga/LLaMA-Factory'
),

span as (
    select
        any_value(outcomes.window_start) as first_month,
        date_trunc('month', any_value(lines.version))::date as last_month
    from {{ ref('outcomes') }} as outcomes
    cross join lines
    where outcomes.outcome = 'model_families_taken_up'
),

months as (
    select
        last_month,
        unnest(generate_series(first_month, last_month, interval 1 month))::date as month
    from span
),

counted as (
    select
        country,
        date_trunc('month', first_day)::date as month,
        count(*) as models
    from lines
    group by all
),

final as (
    select
        countries.country,
        months.month as period,
        'month' as frequency,
        'model_families_taken_up' as outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        coalesce(counted.models, 0)::double as value,
        coalesce(counted.models, 0)::bigint as n_units,
        null::double as coverage,
        months.month < months.last_month as is_complete,
        'llama_factory' as regime,
        'model_registry_dates' as source
    from months
    cross join {{ ref('countries') }} as countries
    left join counted on months.month = counted.month and countries.country = counted.country
)

select * from final
