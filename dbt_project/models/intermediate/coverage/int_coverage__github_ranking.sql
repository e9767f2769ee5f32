-- One file is expected in each ISO week; a week belongs to the month of its Wednesday.
with files as (
    select
        *,
        date_trunc('week', observed)::date as week
    from {{ ref('int_github_ranking__files') }}
),

span as (
    select
        min(week) as first_week,
        max(week) as last_week
    from files
),

weeks as (
    select unnest(generate_series(first_week, last_week, interval 7 day))::date as week
    from span
),

seen as (
    select
        week,
        count(*) as files,
        bool_or(regime = 'short_file') as has_short_file,
        bool_or(regime = 'false_top_lists') as has_false_lists
    from files
    group by week
),

placed as (
    select
        date_trunc('month', weeks.week + interval 2 day)::date as month,
        seen.files,
        seen.has_short_file,
        seen.has_false_lists,
        gap.observed as gap_from,
        gap.next_observed as gap_to
    from weeks
    left join seen on weeks.week = seen.week
    left join files as gap on seen.week is null and weeks.week > gap.observed and weeks.week < gap.next_observed
),

months as (
    select
        month,
        count(*) as expected,
        count(files) as observed,
        coalesce(bool_or(has_short_file), false) as has_short_file,
        coalesce(bool_or(has_false_lists), false) as has_false_lists,
        min(gap_from) as gap_from,
        max(gap_to) as gap_to
    from placed
    group by month
),

refused_files as (
    select try_cast(regexp_extract(file, '\d{4}-\d{2}-\d{2}') as date) as day
    from {{ source('github_ranking', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'github_ranking' as source,
        months.month,
        months.expected::bigint as expected,
        months.observed::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        months.observed / months.expected::double as share,
        'files' as unit,
        case
            when months.observed = 0 then 'gap'
            when months.has_short_file then 'short_file'
            when months.has_false_lists then 'false_top_lists'
            else 'full_lists'
        end as regime,
        nullif(concat_ws(
            '; ',
            case
                when months.observed < months.expected
                    then 'no file between ' || months.gap_from || ' and ' || months.gap_to
            end,
            case when months.has_short_file then 'a file with 60 rows a list' end,
            case when months.has_false_lists then 'lists that are not true top lists' end
        ), '') as note
    from months
    left join refused on months.month = refused.month
)

select * from final
