-- The months the lists speak for, with the generation of the keyword set behind each. The running
-- list stands for the months after the last monthly one; the newest is always still growing.
with listings as (
    select * from {{ ref('stg_nlp_arxiv_daily__listings') }}
),

lists as (
    select
        listing_month,
        source_file,
        count(distinct keyword) as keywords,
        max(listed_date) as newest_day
    from listings
    group by all
),

span as (
    select
        min(listing_month) as first_month,
        date_trunc('month', max(newest_day))::date as last_month,
        max(keywords) filter (where listing_month is null) as running_keywords
    from lists
),

months as (
    select
        unnest(generate_series(first_month, last_month, interval 1 month))::date as month,
        last_month,
        running_keywords
    from span
),

papers as (
    select
        date_trunc('month', date)::date as month,
        count(*) as papers
    from {{ ref('int_papers__arxiv') }}
    group by all
),

joined as (
    select
        months.month,
        coalesce(lists.keywords, months.running_keywords) as keywords,
        coalesce(papers.papers, 0) as papers,
        months.month = months.last_month as is_running
    from months
    left join lists on months.month = lists.listing_month
    left join papers on months.month = papers.month
),

final as (
    select
        month,
        keywords,
        case
            when keywords <= 1 then 'keywords_1'
            when keywords <= 8 then 'keywords_4_to_8'
            when keywords <= 24 then 'keywords_21_to_24'
            else 'keywords_25'
        end as regime,
        papers,
        is_running,
        keywords > 8 and not is_running as is_complete
    from joined
)

select * from final
