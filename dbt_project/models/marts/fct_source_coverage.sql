-- One branch a domain, as in the activity facts.
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
        select * from {{ ref('int_coverage__' ~ domain) }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

final as (
    select
        source,
        month,
        expected,
        observed,
        rejected,
        share,
        unit,
        regime,
        note
    from unioned
)

select * from final
