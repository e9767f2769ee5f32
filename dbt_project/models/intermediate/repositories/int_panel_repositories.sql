-- The registry's own row is better: a repository that it knows is not described here.
with commit_weeks as (
    select
        ids.repository_id,
        listed.spelled_name as name,
        listed.kind in ('llm', 'llm_app') as is_language_model,
        null::date as first_observed,
        'commit_weeks' as source
    from {{ ref('stg_commit_weeks__repositories') }} as listed
    inner join {{ ref('int_repository_ids') }} as ids on listed.name = ids.name
),

listed as (
    select
        *,
        1 as preference
    from commit_weeks
),

final as (
    select
        repository_id,
        arg_min(name, (preference, name)) as name,
        split_part(arg_min(name, (preference, name)), '/', 1) as owner_login,
        if(bool_or(is_language_model), 'other', 'machine_learning') as category,
        bool_or(is_language_model) as is_language_model,
        min(first_observed) as first_observed,
        arg_min(source, preference) as source
    from listed
    anti join {{ ref('repositories') }} as registered on listed.repository_id = registered.repository_id
    group by repository_id
)

select * from final
