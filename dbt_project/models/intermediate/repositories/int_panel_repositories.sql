-- The newest name of a repository is the one that the last file knows; a history has one name. The list of the event
-- stream says whom it tracks and not of what kind they are.
with commit_weeks as (
    select
        name,
        spelled_name,
        kind in ('llm', 'llm_app') as is_language_model,
        null::date as observed,
        'commit_weeks' as source,
        3 as preference
    from {{ ref('stg_commit_weeks__repositories') }}
),

libraries as (
    select
        name,
        coalesce(new_name, spelled_name) as spelled_name,
        false as is_language_model,
        observed,
        'best_of_ml' as source,
        2 as preference
    from {{ ref('stg_best_of_ml__projects') }}
),

rankings as (
    select
        name,
        spelled_name,
        true as is_language_model,
        observed,
        'github_ranking_ai' as source,
        1 as preference
    from {{ ref('stg_github_ranking_ai__rankings') }}
    where list in ('LLM', 'ChatGPT')
),

tracked as (
    select distinct
        name,
        name as spelled_name,
        false as is_language_model,
        null::date as observed,
        'github_events' as source,
        4 as preference
    from {{ ref('stg_github_events__repositories') }}
),

listed as (
    select * from commit_weeks
    union all by name
    select * from libraries
    union all by name
    select * from rankings
    union all by name
    select * from tracked
),

named as (
    select
        ids.repository_id,
        arg_max(listed.spelled_name, (coalesce(listed.observed, date '0001-01-01'), listed.spelled_name)) as name,
        bool_or(listed.is_language_model) as is_language_model,
        min(listed.observed) as first_observed,
        bool_or(listed.source <> 'github_events') as is_of_a_panel,
        arg_min(listed.source, listed.preference) as source
    from listed
    inner join {{ ref('int_repository_ids') }} as ids on listed.name = ids.name
    group by ids.repository_id
),

final as (
    select
        named.repository_id,
        named.name,
        split_part(named.name, '/', 1) as owner_login,
        if(named.is_language_model or not named.is_of_a_panel, 'other', 'machine_learning') as category,
        named.is_language_model,
        named.first_observed,
        named.source
    from named
    anti join {{ ref('repositories') }} as registered on named.repository_id = registered.repository_id
)

select * from final
