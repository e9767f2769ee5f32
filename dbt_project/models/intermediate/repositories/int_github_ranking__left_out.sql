-- Fame of today conditions on the outcome: whoever gained most stands highest. Here it is the stars of a day
-- before the gains that a study compares: of the last file before the first shock, and of the first file
-- for who came later, whose gains before it count nowhere. The stars that it takes to enter a list rise
-- over the years, so that newcomers are ranked with those of their year. Owners are ranked by what they had
-- before the first shock alone: one that came later is none of the largest.
{{ config(materialized='table') }}

{% set top_share = 0.01 %}
{% set largest_owners = [20, 100] %}

with observations as (
    select * from {{ ref('int_github_ranking__observations') }}
),

first_shock as (
    select min(announced) as day
    from {{ ref('stg_policy_timeline__events') }}
    where is_main_shock
),

fixed as (
    select
        observations.repository_id,
        observations.is_language_model,
        year(min(observations.observed)) as first_year,
        arg_min(observations.stars, observations.observed) as first_stars,
        arg_max(observations.stars, observations.observed) filter (
            where observations.observed < first_shock.day
        ) as stars_before,
        arg_max(observations.owner_login, observations.observed) filter (
            where observations.observed < first_shock.day
        ) as owner_before
    from observations
    cross join first_shock
    group by observations.repository_id, observations.is_language_model
),

ranked as (
    select
        repository_id,
        row_number() over (peers order by coalesce(stars_before, first_stars) desc, repository_id asc) as place,
        count(*) over peers as repositories
    from fixed
    window peers as (partition by is_language_model, if(stars_before is null, first_year, null))
),

owners as (
    select
        is_language_model,
        owner_before,
        row_number() over (
            partition by is_language_model order by sum(stars_before) desc, owner_before asc
        ) as place
    from fixed
    where stars_before is not null
    group by is_language_model, owner_before
),

final as (
    select
        'top_repositories' as left_out,
        repository_id
    from ranked
    where place <= ceil({{ top_share }} * repositories)
    union all
    {% for owners in largest_owners %}
        select
            'top_{{ owners }}_owners' as left_out,
            fixed.repository_id
        from fixed
        inner join owners
            on fixed.is_language_model = owners.is_language_model and fixed.owner_before = owners.owner_before
        where owners.place <= {{ owners }}
        union all
    {% endfor %}
    select distinct
        left_out.left_out,
        observations.repository_id
    from observations
    inner join {{ ref('int_left_out') }} as left_out
        on left_out.kind = 'github' and observations.owner_login = left_out.id
)

select * from final
