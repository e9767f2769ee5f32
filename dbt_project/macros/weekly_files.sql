{#- Coverage of a source that should have one file in each week; a week belongs to the month of its Thursday. -#}
{% macro weekly_files(source_name, table) -%}
with files as (
    select distinct date_trunc('week', observed)::date as week
    from {{ ref('stg_' ~ source_name ~ '__' ~ table) }}
),

weeks as (
    select unnest(generate_series(min(week), max(week), interval 7 day))::date as week
    from files
),

months as (
    select
        date_trunc('month', weeks.week + interval 3 day)::date as month,
        count(*) as expected,
        count(files.week) as observed
    from weeks
    left join files on weeks.week = files.week
    group by 1
),

refused_files as (
    select try_cast(regexp_extract(file, '\d{4}-\d{2}-\d{2}') as date) as day
    from {{ source(source_name, '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        '{{ source_name }}' as source,
        months.month,
        months.expected::bigint as expected,
        months.observed::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        months.observed / months.expected::double as share,
        'files' as unit,
        if(months.observed = 0, 'gap', 'weekly_files') as regime,
        if(months.observed < months.expected, months.expected - months.observed || ' weeks without a file', null)
            as note
    from months
    left join refused on months.month = refused.month
)

select * from final
{% endmacro %}
