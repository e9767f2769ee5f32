-- Gains of several collectors are spliced, levels never: a repository's week is one source's, the whole one before
-- the cut one, and the source with the most files before the others.
with unioned as (
    {{ union_of('int_repository_counts') }}
),

chosen as (
    select
        repository_id,
        country_method,
        week,
        source
    from unioned
    group by repository_id, country_method, week, source, preference
    qualify row_number() over (
            partition by repository_id, country_method, week
            order by bool_and(is_complete) desc, sum(days_observed) desc, preference
        ) = 1
),

final as (
    select
        unioned.repository_id,
        unioned.country,
        unioned.country_method,
        unioned.week,
        unioned.stars,
        unioned.forks,
        unioned.commits,
        unioned.stars_total,
        unioned.forks_total,
        unioned.days_observed,
        unioned.is_complete,
        unioned.regime,
        unioned.source
    from unioned
    semi join chosen
        on
            unioned.repository_id = chosen.repository_id
            and unioned.country_method = chosen.country_method
            and unioned.week = chosen.week
            and unioned.source = chosen.source
)

select * from final
