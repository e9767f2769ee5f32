-- Expected are the repositories that had begun, observed those whose snapshot reaches the month's end.
with repositories as (
    select * from {{ ref('stg_commit_weeks__repositories') }}
),

months as (
    select
        unnest(generate_series(
            date_trunc('month', min(first_week)), date_trunc('month', max(last_week)), interval 1 month
        ))::date as month
    from repositories
),

counted as (
    select
        months.month,
        count(*) as expected,
        count(*) filter (where repositories.snapshot_at::date >= last_day(months.month)) as observed
    from months
    inner join repositories on last_day(months.month) >= repositories.first_week
    group by months.month
),

-- the files speak for no day: what was refused stands in the last month
refused_files as (
    select null::date as day
    from {{ source('commit_weeks', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'commit_weeks' as source,
        counted.month,
        counted.expected::bigint as expected,
        counted.observed::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        counted.observed / counted.expected::double as share,
        'repositories' as unit,
        'full_history' as regime,
        case
            when counted.observed < counted.expected
                then (counted.expected - counted.observed) || ' histories end before the month does'
        end as note
    from counted
    left join refused on counted.month = refused.month
)

select * from final
