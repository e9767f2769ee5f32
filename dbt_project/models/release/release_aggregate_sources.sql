-- What no outcome vouches for is withheld as well: its licence was judged nowhere.
{% set facts = [
    'fct_model_derivative', 'fct_model_release', 'fct_paper', 'fct_patent', 'fct_policy_document', 'fct_repository_hour',
    'fct_repository_week'
] -%}

with outcomes as (
    select * from {{ ref('dim_outcome') }}
    where publishable = 'aggregate'
),

withheld as (
    select distinct sources.source
    from {{ ref('bridge_outcome_source') }} as sources
    semi join outcomes on sources.outcome = outcomes.outcome
),

facts as (
    {% for fact in facts %}
        select distinct source from {{ ref(fact) }}
        {% if not loop.last %}union{% endif %}
    {% endfor %}
),

final as (
    select source from withheld
    union
    select facts.source
    from facts
    anti join {{ ref('bridge_outcome_source') }} as sources on facts.source = sources.source
)

select * from final
