-- A month counts as seen when its quarter stands in the newest vintage; the months between that
-- quarter and the release day are expected and not there: the publication lag.
with economies as (
    select distinct
        outcome,
        quarter,
        newest_vintage
    from {{ ref('int_innovation_graph_economies') }}
    where vintage = newest_vintage
),

span as (
    select
        min(quarter) as first_month,
        date_trunc('month', max(newest_vintage))::date as last_month
    from economies
),

months as (
    select unnest(generate_series(first_month, last_month, interval 1 month))::date as month
    from span
),

refused_files as (
    select try_cast(regexp_extract(file, '\d{4}-\d{2}-\d{2}') as date) as day
    from {{ source('innovation_graph', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'innovation_graph' as source,
        months.month,
        2::bigint as expected,
        count(economies.outcome)::bigint as observed,
        coalesce(any_value(refused.rejected), 0)::bigint as rejected,
        count(economies.outcome) / 2.0::double as share,
        'files' as unit,
        'published_quarter' as regime,
        case when count(economies.outcome) < 2 then 'not published at the newest release day' end as note
    from months
    left join economies on date_trunc('quarter', months.month) = economies.quarter
    left join refused on months.month = refused.month
    group by months.month
)

select * from final
