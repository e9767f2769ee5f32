{#
    The country of an organisation's seat on the day of a row: an earlier one where the registry dates it, else that
    of today, else `unknown`. `seat`: a relation with the columns `country` and `earlier` (int_organisation_seats).
#}
{% macro country_on(seat, day, unknown="'ZZ'") -%}
    coalesce([
        one.country for one in {{ seat }}.earlier
        if {{ day }} >= one.valid_from and {{ day }} < one.valid_until
    ][1], {{ seat }}.country, {{ unknown }})
{%- endmacro %}


{# Where those sit who do the work: the team's country where it is told apart from the seat's. #}
{% macro team_country_on(seat, day) -%}
    coalesce({{ seat }}.team_country, {{ country_on(seat, day) }})
{%- endmacro %}
