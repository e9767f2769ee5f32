{#- Rows that a parser refused, counted in the months of a coverage model: each in the month of its file's
    day or the nearest earlier one, before the first month in the first. A file without a day, or of a day
    after the last month, counts in the last. None vanishes. `files` has a column day, `months` a month. -#}
{% macro refused_by_month(files, months) -%}
    select
        coalesce(months.month, (select min(month) from {{ months }})) as month,
        count(*) as rejected
    from (select coalesce(day, date 'infinity') as day from {{ files }}) as files
    asof left join {{ months }} as months on files.day >= months.month
    group by all
{%- endmacro %}
