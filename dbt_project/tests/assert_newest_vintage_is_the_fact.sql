-- The newest dated version and the activity facts are two views of one publication: a row that one has
-- and the other has not, or has with another value, is a defect. Outcomes without vintages are not compared.
with vintages as (
    select
        outcome,
        country,
        period,
        value
    from {{ ref('fct_activity_country_vintage') }}
    qualify vintage = max(vintage) over (partition by outcome)
),

facts as (
    {% for frequency in ['month', 'quarter', 'year'] %}
        select
            outcome,
            country,
            {{ frequency }} as period,
            value
        from {{ ref('fct_activity_country_' ~ frequency) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

compared as (
    select *
    from facts
    semi join vintages using (outcome)
),

final as (
    select
        outcome,
        country,
        period,
        vintages.value as vintage_value,
        compared.value as fact_value
    from vintages
    full join compared using (outcome, country, period)
    where vintages.value is distinct from compared.value
)

select * from final
