-- Authors are distinct within an offset: who changes between summer and winter time counts twice in that month.
-- A month is whole while the histories are: at least 80 % of those that had begun reach its end.
{% set min_share = 0.8 %}

with authors as (
    select * from {{ ref('stg_commit_weeks__author_months') }}
    where owner_group = 'all'
),

final as (
    select
        clocks.country,
        authors.month as period,
        'month' as frequency,
        'open_ml_authors' as outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        sum(authors.authors)::double as value,
        sum(authors.authors)::bigint as n_units,
        any_value(coverage.share) as coverage,
        any_value(coverage.share) >= {{ min_share }} as is_complete,
        if(any_value(coverage.share) >= {{ min_share }}, 'full_history', 'histories_end') as regime,
        'commit_weeks' as source
    from authors
    inner join {{ ref('clock_offsets') }} as clocks on authors.utc_offset = clocks.utc_offset
    inner join {{ ref('int_coverage__commit_weeks') }} as coverage on authors.month = coverage.month
    where authors.month >= date '2018-01-01'
    group by clocks.country, authors.month
)

select * from final
