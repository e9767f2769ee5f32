with days as (
    select * from {{ ref('int_github_trending__days') }}
),

scrapes as (
    select * from {{ ref('stg_github_trending__scrapes') }}
),

span as (
    select
        date_trunc('month', min(day))::date as first_month,
        date_trunc('month', max(day))::date as last_month
    from days
),

months as (
    select unnest(generate_series(first_month, last_month, interval 1 month))::date as month
    from span
),

scraped as (
    select
        date_trunc('month', day)::date as month,
        count(*) as observed,
        count(*) filter (where archive = 'json') as filled
    from days
    group by date_trunc('month', day)
),

empty_files as (
    select
        month,
        count(*) as files
    from (
        select date_trunc('month', day)::date as month
        from scrapes
        where archive = 'markdown' or language = 'python'
        group by day, source_file
        having sum(entries) = 0
    ) as failed
    group by month
),

refused_files as (
    select try_cast(regexp_extract(file, '\d{4}-\d{2}-\d{2}') as date) as day
    from {{ source('github_trending', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'github_trending' as source,
        months.month,
        day(last_day(months.month))::bigint as expected,
        coalesce(scraped.observed, 0)::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        coalesce(scraped.observed, 0) / day(last_day(months.month))::double as share,
        'files' as unit,
        case
            when scraped.month is null then 'gap'
            when scraped.filled > 0 then 'markdown_json'
            else 'markdown'
        end as regime,
        nullif(concat_ws(
            '; ',
            case
                when coalesce(scraped.observed, 0) < day(last_day(months.month))
                    then (day(last_day(months.month)) - coalesce(scraped.observed, 0)) || ' days without a python list'
            end,
            case when scraped.filled > 0 then scraped.filled || ' days from the JSON file of the day after' end,
            case when empty_files.files > 0 then empty_files.files || ' empty files (failed scrapes)' end
        ), '') as note
    from months
    left join scraped on months.month = scraped.month
    left join empty_files on months.month = empty_files.month
    left join refused on months.month = refused.month
)

select * from final
