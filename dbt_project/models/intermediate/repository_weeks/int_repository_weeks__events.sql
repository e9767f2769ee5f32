-- Repositories of language models, and the other machine-learning ones beside them; what is neither has no outcome.
with flows as (
    select * from {{ ref('int_github_event_flows') }}
),

long as (
    unpivot flows
    on stars as star, forks as fork
    into name event value value
),

weeks as (
    select * from {{ ref('int_github_event_weeks') }}
),

repositories as (
    select
        repository_id,
        category as kind,
        if(is_language_model, 'llm', 'ml') as field
    from {{ ref('int_repositories') }}
    where is_language_model or category = 'machine_learning'
),

final as (
    select
        long.repository_id,
        long.country,
        long.country_method,
        long.week,
        repositories.field || '_repository_' || long.event || 's' as outcome,
        long.value::double as value,
        if(weeks.regime = 'event_hours' and long.week = long.first_week, 'first_week', weeks.regime) as regime,
        weeks.regime = 'event_hours' and long.week > long.first_week as is_complete,
        'github_events' as source,
        long.first_week,
        repositories.kind
    from long
    inner join repositories on long.repository_id = repositories.repository_id
    inner join weeks on long.week = weeks.week and long.event = weeks.event
)

select * from final
