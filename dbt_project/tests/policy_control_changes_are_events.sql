-- Days on which the text of an AI-chip control changed and the timeline of policy names no event: a change
-- that it misses, or one of form alone (notes moved between entries, corrections). Listed, never a stop.
{{ config(severity='warn') }}

with versions as (
    select
        entry,
        version,
        regexp_replace(lower(text), '\W+', ' ', 'g') as said,
        lag(regexp_replace(lower(text), '\W+', ' ', 'g')) over (partition by entry order by version) as before
    from {{ ref('stg_ccl_rules__entry_texts') }}
),

first_seen as (
    select min(version) as day from versions
),

changes as (
    select
        version as day,
        string_agg(entry, ', ' order by entry) as entries
    from versions
    cross join first_seen
    where version > first_seen.day and said is distinct from before
    group by version
),

events as (
    select unnest([announced, published, effective]) as day
    from {{ ref('dim_event') }}
)

select
    changes.day,
    changes.entries
from changes
anti join events on changes.day = events.day
