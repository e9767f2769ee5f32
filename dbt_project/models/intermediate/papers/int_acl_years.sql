-- Whether an affiliation for every author is usual in the year: from 2024 it is not, and sets of countries
-- and links to companies are lower bounds that no earlier year may be held against.
with papers as (
    select * from {{ ref('int_papers__acl') }}
    where is_research and affiliations is not null
),

years as (
    select
        year,
        string_agg(distinct venue, '_' order by venue) as venues,
        avg(is_fully_affiliated::integer) as fully_affiliated_share
    from papers
    group by year
),

final as (
    select
        year,
        fully_affiliated_share,
        fully_affiliated_share >= 0.9 as is_complete,
        case when fully_affiliated_share >= 0.9 then 'every_author_' else 'some_authors_' end || venues as regime
    from years
)

select * from final
