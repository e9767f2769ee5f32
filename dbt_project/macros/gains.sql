{#- Gains by week out of levels: the difference between two observations at most ten days apart, spread evenly
    over the days from the first to the day before the second. A level that falls gives null for its weeks.
    `levels` has collector, repository_id, observed and the measures; wider gaps belong to no week. -#}
{% macro gains_by_week(levels, measures) %}
    {%- set repository = 'partition by collector, repository_id order by observed' %}
    select
        collector,
        repository_id,
        week,
        measure,
        case when not bool_or(gained < 0) then sum(gained * days / span) end as gained,
        coalesce(bool_or(gained < 0), false) as has_fallen,
        coalesce(sum(days) filter (where gained is not null), 0)::bigint as days_observed
    from (
        select
            *,
            greatest(0, least(week + 7, to_day) - greatest(week, from_day)) as days
        from (
            select
                *,
                unnest(generate_series(
                    date_trunc('week', from_day), date_trunc('week', to_day - 1), interval 7 day
                ))::date as week
            from (
                {% for measure in measures %}
                    select
                        collector,
                        repository_id,
                        '{{ measure }}' as measure,
                        lag(observed) over ({{ repository }}) as from_day,
                        observed as to_day,
                        (observed - lag(observed) over ({{ repository }}))::double as span,
                        ({{ measure }} - lag({{ measure }}) over ({{ repository }}))::double as gained
                    from {{ levels }}
                    where {{ measure }} is not null
                    {% if not loop.last %}union all{% endif %}
                {% endfor %}
            ) as differences
            where span <= 10
        ) as by_week
    ) as parts
    group by all
{% endmacro %}

{#- Repository-weeks in the columns of fct_repository_week out of `gains` (of gains_by_week, stars and forks) and
    the `levels` under them. A week is whole where its seven days are counted and nothing fell; forks that are not
    counted on all days of the stars are unknown. -#}
{% macro counts_by_week(gains, levels) %}
    select
        collector,
        repository_id,
        week,
        case when not flows.stars_fell then round(flows.stars)::bigint end as stars,
        case when not flows.forks_fell and flows.fork_days = flows.star_days then round(flows.forks)::bigint end as forks,
        totals.stars_total,
        totals.forks_total,
        coalesce(flows.star_days, 0) as days_observed,
        case
            when flows.stars_fell and flows.forks_fell then 'stars_and_forks_fell'
            when flows.stars_fell then 'stars_fell'
            when flows.forks_fell then 'forks_fell'
            when coalesce(flows.star_days, 0) < 7 then 'partly_seen'
            else 'whole'
        end as regime
    from (
        select
            collector,
            repository_id,
            week,
            max(gained) filter (where measure = 'stars') as stars,
            max(gained) filter (where measure = 'forks') as forks,
            max(days_observed) filter (where measure = 'stars') as star_days,
            max(days_observed) filter (where measure = 'forks') as fork_days,
            coalesce(bool_or(has_fallen) filter (where measure = 'stars'), false) as stars_fell,
            coalesce(bool_or(has_fallen) filter (where measure = 'forks'), false) as forks_fell
        from {{ gains }}
        group by collector, repository_id, week
    ) as flows
    full outer join (
        select
            collector,
            repository_id,
            date_trunc('week', observed)::date as week,
            arg_max(stars, observed)::bigint as stars_total,
            arg_max(forks, observed)::bigint as forks_total
        from {{ levels }}
        group by collector, repository_id, date_trunc('week', observed)
    ) as totals using (collector, repository_id, week)
{% endmacro %}
