-- A paper first submitted in a month stands in that month's file or in a later one: the month is whole only
-- where no file of it or of a later month is missing. The newest is short of papers announced after its end.
with files as (
    select distinct
        changed_month,
        category
    from {{ ref('stg_arxiv__papers') }}
),

span as (
    select
        min(changed_month) as first_month,
        max(changed_month) as last_month,
        count(distinct category) as sets
    from files
),

months as (
    select
        unnest(generate_series(first_month, last_month, interval 1 month))::date as month,
        last_month,
        sets
    from span
),

seen as (
    select
        months.month,
        months.last_month,
        months.sets,
        count(files.category) as files
    from months
    left join files on months.month = files.changed_month
    group by all
),

papers as (
    select
        submitted_month as month,
        count(*) as papers,
        count(*) filter (where is_created_later) as created_later
    from {{ ref('int_arxiv_papers') }}
    group by all
),

final as (
    select
        seen.month,
        seen.sets,
        seen.files,
        coalesce(papers.papers, 0) as papers,
        coalesce(papers.created_later, 0) as created_later,
        seen.month < seen.last_month
        and min(seen.files) over (order by seen.month desc rows unbounded preceding) = seen.sets as is_complete
    from seen
    left join papers on seen.month = papers.month
)

select * from final
