-- Lists shrank from 25 to about 16 rows in 2024, for every country alike: a regime, not a fall.
{% set min_coverage = 0.6 %}
{% set full_list = 24 %}

with days as (
    select * from {{ ref('int_github_trending__days') }}
),

entries as (
    select * from {{ ref('int_github_trending__entries') }}
),

countries as (
    select country from {{ ref('countries') }}
),

months as (
    select
        date_trunc('month', day)::date as period,
        count(*) / day(last_day(min(day)))::double as coverage,
        case when bool_or(archive = 'json') then 'markdown_json' else 'markdown' end
        || case when median(entries) >= {{ full_list }} then '_lists_of_25' else '_short_lists' end as regime
    from days
    group by date_trunc('month', day)
),

outcomes as (
    select
        listed.topic,
        listed.outcome,
        listed.counts_days
    from (
        values
        ('language_model', 'trending_llm_repositories', false),
        ('language_model', 'trending_llm_entry_days', true),
        ('machine_learning', 'trending_ml_repositories', false),
        ('machine_learning', 'trending_ml_entry_days', true)
    ) as listed (topic, outcome, counts_days)
),

variants as (
    {{ left_out_variants('int_left_out') }}
    {{ team_places_variant('entries') }}
),

left_out as (
    select * from {{ ref('int_left_out') }}
    where kind = 'github'
),

counted as (
    select
        if(variants.left_out = 'team_places', entries.team_country, entries.country) as country,
        entries.topic,
        variants.left_out,
        date_trunc('month', entries.day)::date as period,
        count(distinct entries.repository) as repositories,
        count(distinct entries.day || ' ' || entries.repository) as entry_days
    from entries
    cross join variants
    anti join left_out on variants.left_out = left_out.left_out and entries.owner_login = left_out.id
    where entries.topic <> 'other'
    group by all
),

final as (
    select
        countries.country,
        months.period,
        'month' as frequency,
        outcomes.outcome,
        variants.left_out,
        null::date as vintage,
        true as is_newest,
        coalesce(if(outcomes.counts_days, counted.entry_days, counted.repositories), 0)::double as value,
        coalesce(counted.repositories, 0)::bigint as n_units,
        months.coverage,
        months.coverage >= {{ min_coverage }}
        and last_day(months.period) <= (select max(days.day) from days) as is_complete,
        months.regime,
        'github_trending' as source
    from months
    cross join countries
    cross join outcomes
    cross join variants
    left join counted
        on
            countries.country = counted.country
            and outcomes.topic = counted.topic
            and months.period = counted.period
            and variants.left_out is not distinct from counted.left_out
)

select * from final
