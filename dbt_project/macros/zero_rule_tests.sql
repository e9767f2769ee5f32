{#- Zero or missing: one test for each `dim_outcome.zero_rule`, on the activity facts. -#}

{#- Inside the observed window every default donor and CN has a row, but for the donors that
    `int_outcome_countries_not_covered` declares. -#}
{% test zero_rule_true_zero(model, period) %}
    with activity as (
        select
            fact.outcome,
            fact.country,
            fact.{{ period }} as period
        from {{ model }} as fact
        inner join {{ ref('dim_outcome') }} using (outcome)
        where zero_rule = 'true_zero'
    ),

    exempt as (
        select
            not_covered.outcome,
            not_covered.country
        from {{ ref('int_outcome_countries_not_covered') }} as not_covered
        inner join {{ ref('dim_country') }} using (country)
        where is_default_donor
    ),

    cells as (
        select
            periods.outcome,
            countries.country,
            periods.period
        from (select distinct outcome, period from activity) as periods
        cross join {{ ref('dim_country') }} as countries
        where countries.is_default_donor or countries.is_treated
    )

    select *
    from cells
    anti join exempt using (outcome, country)
    anti join activity using (outcome, country, period)
{% endtest %}

{#- A suppressed value is unknown: it has no row, so no row is zero. -#}
{% test zero_rule_suppressed(model) %}
    select fact.*
    from {{ model }} as fact
    inner join {{ ref('dim_outcome') }} using (outcome)
    where zero_rule = 'suppressed' and fact.value <= 0
{% endtest %}

{#- Absent from a truncated list is unknown: every row stands on at least one unit that was seen. -#}
{% test zero_rule_truncated(model) %}
    select fact.*
    from {{ model }} as fact
    inner join {{ ref('dim_outcome') }} using (outcome)
    where zero_rule = 'truncated' and coalesce(fact.n_units, 0) < 1
{% endtest %}

{#- Hong Kong, Macao and Taiwan are filed under China by these sources: no row of their own. -#}
{% test zero_rule_not_collected(model) %}
    select fact.*
    from {{ model }} as fact
    inner join {{ ref('dim_outcome') }} using (outcome)
    where zero_rule = 'not_collected' and fact.country in ('HK', 'MO', 'TW')
{% endtest %}
