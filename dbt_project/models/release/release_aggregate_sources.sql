with outcomes as (
    select * from {{ ref('dim_outcome') }}
    where publishable = 'aggregate'
),

final as (
    select distinct sources.source
    from {{ ref('bridge_outcome_source') }} as sources
    semi join outcomes on sources.outcome = outcomes.outcome
)

select * from final
