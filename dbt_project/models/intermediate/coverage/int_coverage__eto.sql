-- A table counts as there in the months of a year that it marks as complete. Refused rows cannot be
-- dated (their year may be the broken field): they are counted in the last month.
with lines as (
    select * from {{ ref('int_eto_country_years') }}
),

years as (
    select
        year,
        count(distinct table_name) filter (where is_complete) as complete_tables,
        count(*) filter (where kind = 'group') as group_lines
    from lines
    group by all
),

months as (
    select
        *,
        unnest(generate_series(year, year + interval 11 month, interval 1 month))::date as month
    from years
),

refused as (
    select count(*) as rejected from {{ source('eto_country_activity', '_rejected') }}
),

final as (
    select
        'eto_country_activity' as source,
        months.month,
        3::bigint as expected,
        months.complete_tables::bigint as observed,
        case when months.month = max(months.month) over () then refused.rejected else 0 end::bigint as rejected,
        months.complete_tables / 3.0::double as share,
        'files' as unit,
        'publisher_classifier' as regime,
        concat_ws(
            '; ',
            case when months.complete_tables < 3 then 'not fully counted yet: articles, grants or applications' end,
            months.group_lines || ' lines of the year are groups of countries and left out'
        ) as note
    from months
    cross join refused
)

select * from final
