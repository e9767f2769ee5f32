-- Share of the month's distinct papers whose title names an open model family of the country. Every
-- country with a family has a row in every month: 0 where no title names one.
with months as (
    select * from {{ ref('int_arxiv_months') }}
    where papers > 0
),

origins as (
    select distinct country from {{ ref('model_families') }}
),

variants as (
    {{ left_out_variants('int_left_out') }}
),

left_out as (
    select * from {{ ref('int_left_out') }}
    where kind = 'family'
),

-- without a family, a paper that names another one of the country still counts
naming as (
    select
        date_trunc('month', papers.date)::date as month,
        families.country,
        variants.left_out,
        count(distinct papers.paper_id) as papers
    from {{ ref('int_papers__mentions') }} as mentions
    inner join {{ ref('int_papers__arxiv') }} as papers on mentions.paper_id = papers.paper_id
    inner join {{ ref('model_families') }} as families on mentions.family_id = families.family_id
    cross join variants
    anti join left_out on variants.left_out = left_out.left_out and mentions.family_id = left_out.id
    group by all
),

final as (
    select
        origins.country,
        months.month as period,
        'month' as frequency,
        'title_mention_share' as outcome,
        variants.left_out,
        null::date as vintage,
        true as is_newest,
        coalesce(naming.papers, 0) / months.papers::double as value,
        coalesce(naming.papers, 0)::bigint as n_units,
        null::double as coverage,
        months.is_complete,
        months.regime,
        'nlp_arxiv_daily' as source
    from months
    cross join origins
    cross join variants
    left join naming
        on
            months.month = naming.month
            and origins.country = naming.country
            and variants.left_out is not distinct from naming.left_out
)

select * from final
