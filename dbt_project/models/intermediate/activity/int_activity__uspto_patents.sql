-- AI documents by month of filing and country, of those published within a fixed time of it, so that a month's number
-- stands once that time is over: applications within 18 months, grants within 36. A month of which a week is not
-- there is not complete. Every applicant's country is seen, so absence is zero.
with outcomes as (
    select
        'application' as kind,
        'us_ai_patent_applications' as outcome,
        18 as lag_months
    union all
    select
        'grant' as kind,
        'us_ai_patents_granted' as outcome,
        36 as lag_months
),

weeks as (
    select * from {{ ref('int_patent_weeks') }}
),

spans as (
    select
        outcomes.kind,
        outcomes.outcome,
        outcomes.lag_months,
        min(weeks.published) as first_day,
        max(weeks.published) as last_day
    from weeks
    inner join outcomes on weeks.kind = outcomes.kind
    group by all
),

months as (
    select
        *,
        unnest(generate_series(
            date_trunc('month', first_day + interval 1 month),
            date_trunc('month', last_day - to_months(lag_months)) - interval 1 month,
            interval 1 month
        ))::date as month
    from spans
),

covered as (
    select
        months.kind,
        months.outcome,
        months.lag_months,
        months.month,
        avg(weeks.is_read::integer) as coverage
    from months
    inner join weeks
        on
            months.kind = weeks.kind
            and months.month <= weeks.published
            and months.month + to_months(months.lag_months + 1) > weeks.published
    group by all
),

counted as (
    select
        covered.kind,
        covered.month,
        coalesce(countries.country, 'ZZ') as country,
        sum(cohorts.ai_documents) as documents
    from covered
    inner join {{ ref('stg_uspto_patents__cohorts') }} as cohorts
        on
            covered.kind = cohorts.kind
            and covered.month = cohorts.filed_month
            and covered.month + to_months(covered.lag_months + 1) > cohorts.published
    left join {{ ref('countries') }} as countries on cohorts.country = countries.country
    group by all
),

final as (
    select
        countries.country,
        covered.month as period,
        'month' as frequency,
        covered.outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        coalesce(counted.documents, 0)::double as value,
        coalesce(counted.documents, 0)::bigint as n_units,
        covered.coverage,
        covered.coverage = 1 as is_complete,
        'published_within_' || covered.lag_months || '_months' as regime,
        'uspto_patents' as source
    from covered
    cross join {{ ref('countries') }} as countries
    left join counted
        on
            covered.kind = counted.kind
            and covered.month = counted.month
            and countries.country = counted.country
    where covered.coverage >= 0.5
)

select * from final
