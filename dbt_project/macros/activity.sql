{# The activity fact of one frequency: whole outcomes, of a source with several versions the newest. #}
{% macro activity_of(frequency) %}
with activity as (
    select * from {{ ref('int_activity') }}
),

final as (
    select
        country,
        period as {{ frequency }},
        outcome,
        value,
        n_units,
        coverage,
        is_complete,
        regime,
        source
    from activity
    where frequency = '{{ frequency }}' and left_out is null and is_newest
)

select * from final
{% endmacro %}


{# The whole (null) and each group of units that a model leaves out. #}
{% macro left_out_variants(model) %}
    select null::varchar as left_out
    union all
    select distinct left_out from {{ ref(model) }}
{% endmacro %}


{# Nobody is left out: owners whose team sits elsewhere than their seat count where it does. #}
{% macro team_places_variant(relation) %}
    union all
    select 'team_places' as left_out
    where exists (select 1 from {{ relation }} where team_country <> country)
{% endmacro %}
