{% set min_coverage = 0.8 %}
{% set max_missing_share = 0.05 %}
{% set measures = ['stars', 'forks'] %}

with days as (
    select * from {{ ref('int_github_ranking__days') }}
),

files as (
    select * from {{ ref('int_github_ranking__files') }}
),

left_out as (
    select * from {{ ref('int_github_ranking__left_out') }}
),

variants as (
    {{ left_out_variants('int_github_ranking__left_out') }}
    {{ team_places_variant('days') }}
),

spanned as (
    select unnest(generate_series(observed, next_observed - 1, interval 1 day))::date as day
    from files
    where next_observed - observed <= 10
),

months as (
    select
        date_trunc('month', day)::date as period,
        count(*) / day(last_day(min(day)))::double as coverage
    from spanned
    group by date_trunc('month', day)
),

long as (
    {% for measure in measures %}
        select
            repository_id,
            country,
            team_country,
            date_trunc('month', day)::date as period,
            if(is_language_model, 'llm_{{ measure }}_gained', 'ml_{{ measure }}_gained') as outcome,
            {{ measure }} as gained,
            regime
        from days
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

repository_months as (
    select
        repository_id,
        country,
        team_country,
        period,
        outcome,
        sum(gained) as gained,
        count(gained) as days_counted,
        count(*) - count(gained) as days_fallen,
        bool_or(regime = 'short_file') as has_short_file,
        bool_or(regime = 'false_top_lists') as has_false_lists
    from long
    group by repository_id, country, team_country, period, outcome
),

kept as (
    select
        repository_months.* exclude (country),
        if(variants.left_out = 'team_places', repository_months.team_country, repository_months.country) as country,
        variants.left_out
    from repository_months
    cross join variants
    anti join left_out
        on variants.left_out = left_out.left_out and repository_months.repository_id = left_out.repository_id
),

-- days on which a counter fell weigh what the repository gains a day from the month before to the month
-- after; one that is never counted, what the country's others gain
rated as (
    select
        *,
        days_fallen * coalesce(
            sum(gained) over neighbours / sum(days_counted) over neighbours,
            sum(gained) over cell / sum(days_counted) over cell
        ) as missing
    from kept
    window
        cell as (partition by left_out, outcome, country, period),
        neighbours as (
            partition by left_out, outcome, repository_id
            order by period
            range between interval 1 month preceding and interval 1 month following
        )
),

summed as (
    select
        country,
        period,
        outcome,
        left_out,
        -- gains over gaps are parts of 1 to 10 days: exact in 1/2520, whatever the order of the sum
        round(sum(gained) * 2520) / 2520 as value,
        count(distinct repository_id) filter (where days_counted > 0) as n_units,
        round(coalesce(sum(missing) / nullif(sum(coalesce(gained, 0) + missing), 0), 0), 12) as missing_share,
        bool_or(has_short_file) as has_short_file,
        bool_or(has_false_lists) as has_false_lists
    from rated
    group by country, period, outcome, left_out
    having sum(gained) is not null
),

judged as (
    select
        summed.*,
        months.coverage * (1 - summed.missing_share) as coverage,
        case
            when months.coverage < {{ min_coverage }} then 'gap'
            when summed.missing_share > {{ max_missing_share }} then 'counters_fell'
            when summed.has_short_file then 'short_file'
            when summed.has_false_lists then 'false_top_lists'
            else 'full_lists'
        end as regime
    from summed
    inner join months on summed.period = months.period
),

final as (
    select
        country,
        period,
        'month' as frequency,
        outcome,
        left_out,
        null::date as vintage,
        true as is_newest,
        value::double as value,
        n_units::bigint as n_units,
        coverage,
        regime = 'full_lists' as is_complete,
        regime,
        'github_ranking' as source
    from judged
)

select * from final
