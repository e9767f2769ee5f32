-- A week belongs to months by its days: a week's gain counts in a month by the share of its seven days there.
-- The cohort is fixed: who the source saw before the outcome's window, so that entrants add nothing, and who is on
-- the list to its end, so that those who leave it take nothing away (a git history without a commit was seen).
-- Days that are not counted, whole months among them, weigh what the repository gains a day from the month before
-- to the month after, or gained when it was last seen; a month is whole where they hold at most 5 % of the gains.
{{ config(materialized='table') }}

{% set max_missing_share = 0.05 %}
{% set months_until_gone = 3 %}
{% set libraries = [
    'ml_library_stars_gained', 'ml_library_forks_gained', 'ml_library_commits', 'ml_library_closed_issues',
    'ml_library_contributors_gained'
] %}

with cohorts as (
    {% for outcome in libraries %}
        select
            '{{ outcome }}' as outcome,
            'owner' as country_method,
            '{{ outcome }}_by_month' as monthly,
            date '2021-07-01' as seen_before,
            true as can_leave
        union all
    {% endfor %}
    select
        'open_llm_stars_gained' as outcome,
        'owner' as country_method,
        'open_llm_stars_gained_by_month' as monthly,
        date '2023-10-01' as seen_before,
        true as can_leave
    union all
    select
        'open_llm_forks_gained' as outcome,
        'owner' as country_method,
        'open_llm_forks_gained_by_month' as monthly,
        date '2023-10-01' as seen_before,
        true as can_leave
    union all
    select
        'open_ml_commits' as outcome,
        'owner' as country_method,
        'open_ml_commits_by_month' as monthly,
        date '2021-01-01' as seen_before,
        false as can_leave
    union all
    select
        'open_ml_commits' as outcome,
        'commit_offset' as country_method,
        'open_ml_commits_by_clock_and_month' as monthly,
        date '2021-01-01' as seen_before,
        false as can_leave
),

weeks as (
    {{ union_of('int_repository_weeks') }}
),

parts as (
    select
        weeks.repository_id,
        weeks.country,
        weeks.week,
        cohorts.monthly as outcome,
        weeks.source,
        cohorts.seen_before,
        cohorts.can_leave,
        if(weeks.is_complete, weeks.value, null) as value,
        unnest(generate_series(
            date_trunc('month', weeks.week), date_trunc('month', weeks.week + 6), interval 1 month
        ))::date as period
    from weeks
    inner join cohorts on weeks.outcome = cohorts.outcome and weeks.country_method = cohorts.country_method
    where weeks.first_week < cohorts.seen_before and weeks.kind not in ('resource', 'level_flips')
),

prorated as (
    select
        *,
        least(week + 7, last_day(period) + 1) - greatest(week, period) as days
    from parts
    where period >= seen_before
),

counted as (
    select
        repository_id,
        country,
        period,
        outcome,
        source,
        can_leave,
        sum((value * days / 7)::decimal(18, 6)) as gained,
        coalesce(sum(days) filter (where value is not null), 0) as days_counted
    from prorated
    group by all
),

spans as (
    select
        repository_id,
        country,
        outcome,
        source,
        any_value(can_leave) as can_leave,
        min(period) as begins,
        max(period) as ends,
        max(max(period)) over (partition by outcome) as list_ends
    from counted
    group by repository_id, country, outcome, source
),

members as (
    select
        repository_id,
        country,
        outcome,
        source,
        unnest(generate_series(begins, if(can_leave, list_ends, ends), interval 1 month))::date as period
    from spans
    where not can_leave or ends > list_ends - interval {{ months_until_gone }} month
),

repository_months as (
    select
        members.*,
        counted.gained,
        coalesce(counted.days_counted, 0) as days_counted,
        day(last_day(members.period)) - coalesce(counted.days_counted, 0) as days_missing
    from members
    left join counted using (repository_id, country, outcome, source, period)
),

rated as (
    select
        *,
        days_missing * coalesce(
            sum(gained) over neighbours / nullif(sum(days_counted) over neighbours, 0),
            last_value(gained / nullif(days_counted, 0) ignore nulls) over so_far,
            sum(gained) over cell / nullif(sum(days_counted) over cell, 0)
        ) as missing
    from repository_months
    window
        neighbours as (
            partition by repository_id, country, outcome order by period
            range between interval 1 month preceding and interval 1 month following
        ),
        so_far as (
            partition by repository_id, country, outcome order by period
            rows between unbounded preceding and current row
        ),
        cell as (partition by country, outcome, period)
),

summed as (
    select
        country,
        period,
        outcome,
        source,
        sum(gained)::double as value,
        count(distinct repository_id) filter (where days_counted > 0) as n_units,
        round(coalesce(
            sum(missing) / nullif(sum(coalesce(gained::double, 0) + missing), 0), max(days_missing) / 31
        ), 9) as missing_share
    from rated
    group by country, period, outcome, source
    having sum(gained) is not null
),

final as (
    select
        country,
        period,
        'month' as frequency,
        outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        value,
        n_units::bigint as n_units,
        1 - missing_share as coverage,
        missing_share <= {{ max_missing_share }} as is_complete,
        if(missing_share <= {{ max_missing_share }}, 'whole_weeks', 'partly_counted') as regime,
        source
    from summed
)

select * from final
