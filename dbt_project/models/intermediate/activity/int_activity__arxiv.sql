-- Share of the month's distinct papers that name an open model family of the country in title or abstract. Every
-- country with a family has a row in every month: 0 where no paper names one.
with months as (
    select * from {{ ref('int_arxiv_submissions') }}
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

-- as the newest record names them
mentions as (
    select
        papers.arxiv_id,
        papers.submitted_month,
        mentions.family_id
    from {{ ref('stg_arxiv__mentions') }} as mentions
    inner join {{ ref('int_arxiv_papers') }} as papers
        on mentions.source_file = papers.source_file and mentions.source_row = papers.source_row
),

-- without a family, a paper that names another one of the country still counts
naming as (
    select
        mentions.submitted_month as month,
        families.country,
        variants.left_out,
        count(distinct mentions.arxiv_id) as papers
    from mentions
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
        'paper_mention_share' as outcome,
        variants.left_out,
        null::date as vintage,
        true as is_newest,
        coalesce(naming.papers, 0) / months.papers::double as value,
        coalesce(naming.papers, 0)::bigint as n_units,
        null::double as coverage,
        months.is_complete,
        'oai' as regime,
        'arxiv' as source
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
