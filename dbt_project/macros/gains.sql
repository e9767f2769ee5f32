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
