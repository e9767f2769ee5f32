-- One pull alone, for a pull counts history anew: the one of most months, the newest of these. A paper that two
-- works stand for has the countries of both; its month is that of first submission, which the arXiv id says.
{{ config(materialized='table') }}

with works as (
    select * from {{ ref('stg_openalex__works') }}
),

pulls as (
    select
        pulled_month,
        count(distinct published_month) as months,
        max(published_month) as last_month
    from works
    group by all
),

pull as (
    select *
    from pulls
    order by months desc, pulled_month desc
    limit 1
),

papers as (
    select
        works.arxiv_id,
        pull.pulled_month,
        pull.last_month,
        list_sort(list_distinct(flatten(list(works.countries)))) as countries,
        list_sort(list_distinct(flatten(list(works.company_countries)))) as company_countries,
        max(works.authors) as authors,
        min(works.authors_without_country) as authors_without_country
    from works
    inner join pull on works.pulled_month = pull.pulled_month
    where works.arxiv_id is not null
    group by all
),

numbered as (
    select
        *,
        regexp_extract(arxiv_id, '(\d{2})(\d{2})(\d{3}|\.\d{4,5})$', ['year', 'month', 'number']) as number
    from papers
),

final as (
    select
        arxiv_id,
        make_date(
            if(number['year'] >= '91', 1900, 2000) + number['year']::integer, number['month']::integer, 1
        ) as submitted_month,
        countries,
        company_countries,
        authors,
        authors_without_country,
        pulled_month,
        last_month
    from numbered
)

select * from final
