-- One branch a domain: a new outcome's intermediate model is one more name in this list.
{% set domains = [
    'arxiv_listings',
    'conference_papers',
    'epoch',
    'eto',
    'github_ranking',
    'github_trending',
    'innovation_graph',
    'leaderboards',
    'policy',
] -%}

with unioned as (
    {% for domain in domains %}
        select * from {{ ref('int_activity__' ~ domain) }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

final as (
    select
        country,
        period,
        frequency,
        outcome,
        left_out,
        vintage,
        is_newest,
        value,
        n_units,
        coverage,
        is_complete,
        regime,
        source
    from unioned
)

select * from final
