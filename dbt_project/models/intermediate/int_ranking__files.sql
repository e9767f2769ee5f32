-- The floor of a list ordered by stars (its lowest count) can only rise; where it falls under 80 % of
-- an earlier one, upstream's search has lost repositories and the list is no top list. Python and C++
-- stand for the file: registered repositories are there. Short lists have another floor and are left
-- out of the comparison. A floor far above all before it and above those soon after is an inflated one
-- (up to six files in a row): it is no top list either, and judges no later file.
{{ config(materialized='table') }}

{% set floor_share = 0.8 %}
{% set inflated_share = 1.5 %}
{% set short_list = 60 %}
{% set bad_files = 6 %}

with rankings as (
    select * from {{ ref('stg_github_ranking__rankings') }}
),

lists as (
    select
        observed,
        list,
        count(*) as list_rows,
        min(stars) as floor
    from rankings
    group by observed, list
),

around as (
    select
        *,
        max(floor) filter (where list_rows > {{ short_list }}) over (
            partition by list
            order by observed
            rows between unbounded preceding and {{ bad_files + 1 }} preceding
        ) as floor_long_before,
        max(floor) filter (where list_rows > {{ short_list }}) over (
            partition by list
            order by observed
            rows between {{ bad_files + 1 }} following and {{ 2 * bad_files + 2 }} following
        ) as floor_after
    from lists
),

judged as (
    select
        *,
        coalesce(
            floor > {{ inflated_share }} * floor_long_before
            and floor > {{ inflated_share }} * coalesce(floor_after, 0),
            false
        ) as is_inflated
    from around
),

floors as (
    select
        *,
        max(floor) filter (where list_rows > {{ short_list }} and not is_inflated) over (
            partition by list
            order by observed
            rows between unbounded preceding and 1 preceding
        ) as floor_before
    from judged
),

files as (
    select
        observed,
        count(*) as lists,
        sum(list_rows)::bigint as list_rows,
        max(list_rows) <= {{ short_list }} as is_short,
        coalesce(bool_or(
            list in ('Python', 'CPP') and list_rows > {{ short_list }}
            and (is_inflated or floor < {{ floor_share }} * floor_before)
        ), false) as is_false_top
    from floors
    group by observed
),

final as (
    select
        observed,
        lead(observed) over (order by observed) as next_observed,
        lists,
        list_rows,
        case
            when is_short then 'short_file'
            when is_false_top then 'false_top_lists'
            else 'full_lists'
        end as regime
    from files
)

select * from final
