{# Rows of a row-level fact whose source may be passed on row by row. #}
{% macro publishable_rows(fact) %}
with facts as (
    select * from {{ ref(fact) }}
),

final as (
    select facts.*
    from facts
    anti join {{ ref('release_aggregate_sources') }} as withheld on facts.source = withheld.source
)

select * from final
{% endmacro %}


{# Rows of a bridge that hang on a fact's publishable rows. #}
{% macro publishable_links(bridge, fact, key) %}
with links as (
    select * from {{ ref(bridge) }}
),

final as (
    select links.*
    from links
    semi join {{ ref('release_' ~ fact) }} as facts on links.{{ key }} = facts.{{ key }}
)

select * from final
{% endmacro %}
