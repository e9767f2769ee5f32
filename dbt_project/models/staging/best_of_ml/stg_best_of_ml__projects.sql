with source as (
    select * from {{ source('best_of_ml', 'projects') }}
),

final as (
    select
        collector,
        observed,
        lower(github_id) as name,
        github_id as spelled_name,
        nullif(lower(updated_github_id), lower(github_id)) as new_name,
        category,
        coalesce(resource, false) as is_resource,
        star_count as stars,
        fork_count as forks,
        commit_count as commits,
        closed_issue_count as closed_issues,
        contributor_count as contributors
    from source
)

select * from final
