-- Where absence means zero, a source speaks for every country but those declared here. Two outcomes
-- speak for some alone; any other that lacks a donor fails its test of zeros.
with countries as (
    select country from {{ ref('countries') }}
),

tables (outcome, table_name) as (
    values
    ('ai_articles', 'publications_yearly_articles'),
    ('llm_articles', 'publications_yearly_articles'),
    ('ai_patents_granted', 'patents_yearly_granted'),
    ('ai_patent_applications', 'patents_yearly_applications')
),

unnamed as (
    select
        tables.outcome,
        countries.country,
        'the publisher''s table never names it' as reason
    from tables
    cross join countries
    anti join {{ ref('int_eto_country_years') }} as named
        on tables.table_name = named.table_name and countries.country = named.country
),

without_family as (
    select
        'title_mention_share' as outcome,
        countries.country,
        'no open model family of it is registered' as reason
    from countries
    anti join {{ ref('model_families') }} as families on countries.country = families.country
),

final as (
    select * from unnamed
    union all
    select * from without_family
)

select * from final
