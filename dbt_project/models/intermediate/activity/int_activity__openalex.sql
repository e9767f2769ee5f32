-- Papers by the countries of their authors' institutions, as sets: a paper counts once in each of its countries,
-- and as ZZ where none is known. Months in which OpenAlex is still adding works are not whole.
{% set filling_months = 6 %}

with papers as (
    select * from {{ ref('int_openalex_papers') }}
),

months as (
    select
        submitted_month as month,
        min(last_month) as last_month,
        count(*) filter (where len(countries) > 0) / count(*)::double as known_share
    from papers
    where submitted_month >= (select min(published_month) from {{ ref('stg_openalex__works') }})
    group by all
),

registry as (
    select country from {{ ref('countries') }}
),

located as (
    select
        papers.arxiv_id,
        papers.submitted_month as month,
        coalesce(registry.country, 'ZZ') as country
    from (
        select
            arxiv_id,
            submitted_month,
            unnest(if(len(countries) > 0, countries, ['ZZ'])) as country
        from papers
    ) as papers
    left join registry on papers.country = registry.country
),

companies as (
    select
        papers.arxiv_id,
        papers.submitted_month as month,
        coalesce(registry.country, 'ZZ') as country
    from (
        select
            arxiv_id,
            submitted_month,
            unnest(company_countries) as country
        from papers
    ) as papers
    left join registry on papers.country = registry.country
),

topics as (
    select
        arxiv_id,
        {{ is_efficiency('title') }} as is_efficiency
    from {{ ref('int_arxiv_papers') }}
    where is_language_or_learning
),

counted as (
    select
        'arxiv_papers' as outcome,
        month,
        country,
        count(distinct arxiv_id)::double as value,
        count(distinct arxiv_id) as n_units
    from located
    group by all
    union all by name
    select
        'arxiv_company_papers' as outcome,
        month,
        country,
        count(distinct arxiv_id)::double as value,
        count(distinct arxiv_id) as n_units
    from companies
    group by all
    union all by name
    select
        'efficiency_paper_share' as outcome,
        located.month,
        located.country,
        (count(distinct located.arxiv_id) filter (where topics.is_efficiency))
        / count(distinct located.arxiv_id)::double as value,
        count(distinct located.arxiv_id) as n_units
    from located
    inner join topics on located.arxiv_id = topics.arxiv_id
    group by all
),

final as (
    select
        counted.country,
        counted.month as period,
        'month' as frequency,
        counted.outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        counted.value,
        counted.n_units::bigint as n_units,
        months.known_share as coverage,
        months.month <= months.last_month - interval {{ filling_months }} month as is_complete,
        'openalex' as regime,
        'openalex' as source
    from counted
    inner join months on counted.month = months.month
)

select * from final
