{#- Does a text speak of open source or open weights? Intelligence from open sources and the Chinese
    saying "widen sources, cut spending" are not that. -#}
{% macro names_open_source(text) %}
    regexp_matches(
        regexp_replace(
            {{ text }}, '(?i)open[ -]source (intelligence|information)|开源节流|开源情报', '', 'g'
        ),
        '(?i)open[ -]?sourc(e|ed|ing)\b|open[ -]weights?\b|开源'
    )
{% endmacro %}
