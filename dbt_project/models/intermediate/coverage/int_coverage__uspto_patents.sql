-- A month of publication: weekly files of both kinds between the first and the last that are there; and how long after
-- filing half of its documents were published.
with weeks as (
    select
        date_trunc('month', published)::date as month,
        count(*) as expected,
        count(*) filter (where is_read) as observed
    from {{ ref('int_patent_weeks') }}
    group by all
),

months as (
    select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
    from weeks
),

refused_files as (
    select strptime(regexp_extract(file, 'ip[ag](\d{6})', 1), '%y%m%d')::date as day
    from {{ source('uspto_patents', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

cohorts as (
    select
        kind,
        date_trunc('month', published)::date as month,
        date_diff('month', filed_month, published) as lag_months,
        sum(documents) as documents
    from {{ ref('stg_uspto_patents__cohorts') }}
    where filed_month is not null
    group by all
),

ranked as (
    select
        *,
        sum(documents) over (
            partition by kind, month order by lag_months rows between unbounded preceding and current row
        ) / sum(documents) over (partition by kind, month) as published_by_then
    from cohorts
),

lags as (
    select
        kind,
        month,
        min(lag_months) filter (where published_by_then >= 0.5) as half,
        min(lag_months) filter (where published_by_then >= 0.9) as most
    from ranked
    group by all
),

notes as (
    select
        month,
        string_agg(
            'half of the ' || kind || 's within ' || half || ' months of filing, nine in ten within ' || most,
            '; ' order by kind
        ) as note
    from lags
    group by month
),

final as (
    select
        'uspto_patents' as source,
        months.month,
        coalesce(weeks.expected, 0)::bigint as expected,
        coalesce(weeks.observed, 0)::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        (weeks.observed / nullif(weeks.expected, 0))::double as share,
        'files' as unit,
        'weekly' as regime,
        notes.note
    from months
    left join weeks on months.month = weeks.month
    left join refused on months.month = refused.month
    left join notes on months.month = notes.month
)

select * from final
