-- Expected are all hours of the months from the first file's to the last one's. Kinds of events that an hour with
-- a file does not hold whole are told in the note: totals hide them.
with hours as (
    select * from {{ ref('stg_github_events__hours') }}
),

kinds as (
    select * from {{ ref('int_github_event_hours') }}
),

months as (
    select
        unnest(generate_series(
            date_trunc('month', min(hour)), date_trunc('month', max(hour)), interval 1 month
        ))::date as month
    from hours
),

counted as (
    select
        date_trunc('month', hour)::date as month,
        count(*) filter (where is_whole) as observed,
        count(*) filter (where not is_whole) as cut,
        mode(generation) as generation
    from hours
    group by date_trunc('month', hour)
),

faulty as (
    select
        date_trunc('month', hour)::date as month,
        event,
        count(*) as faulty_hours
    from kinds
    where is_there and regime in ('collector_break', 'pushes_only', 'few_events')
    group by all
),

told as (
    select
        month,
        string_agg(event || ' ' || faulty_hours, ', ' order by event) as faulty_kinds
    from faulty
    group by month
),

refused_files as (
    select try_cast(regexp_extract(file, '(\d{4}-\d\d)(-\d\d)?', 1) || '-01' as date) as day
    from {{ source('github_events', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'github_events' as source,
        months.month,
        (24 * day(last_day(months.month)))::bigint as expected,
        coalesce(counted.observed, 0)::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        coalesce(counted.observed, 0) / (24 * day(last_day(months.month)))::double as share,
        'hours' as unit,
        if(counted.month is null, 'no_hours', coalesce(counted.generation, 'not_told')) as regime,
        nullif(concat_ws(
            '; ',
            if(counted.cut > 0, counted.cut || ' hour files end early or are empty', null),
            'hours that do not hold a kind of event whole: ' || told.faulty_kinds
        ), '') as note
    from months
    left join counted on months.month = counted.month
    left join told on months.month = told.month
    left join refused on months.month = refused.month
)

select * from final
