-- Of the names that were asked for in a month's last snapshot, those that GitHub knew; a month without a
-- snapshot saw none of those that the one before it asked for.
with answers as (
    select
        *,
        date_trunc('month', snapshot)::date as month
    from {{ ref('stg_repository_metadata__repositories') }}
    qualify snapshot = max(snapshot) over (partition by date_trunc('month', snapshot))
),

snapshots as (
    select
        month,
        count(*) as expected,
        count(*) filter (where is_there) as observed
    from answers
    group by month
),

spine as (
    select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
    from snapshots
),

months as (
    select
        spine.month,
        last_value(snapshots.expected ignore nulls) over (order by spine.month) as expected,
        coalesce(snapshots.observed, 0) as observed,
        snapshots.month is not null as has_snapshot
    from spine
    left join snapshots on spine.month = snapshots.month
),

refused_files as (
    select try_cast(regexp_extract(file, '\d{4}-\d{2}-\d{2}') as date) as day
    from {{ source('repository_metadata', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'repository_metadata' as source,
        months.month,
        months.expected::bigint as expected,
        months.observed::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        months.observed / months.expected::double as share,
        'repositories' as unit,
        if(months.has_snapshot, 'snapshot', 'gap') as regime,
        case
            when not months.has_snapshot then 'no snapshot'
            when months.observed < months.expected
                then (months.expected - months.observed) || ' repositories are gone or not public'
        end as note
    from months
    left join refused on months.month = refused.month
)

select * from final
