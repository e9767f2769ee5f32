-- A repository is observed no later than any of its names.
select
    repositories.repository_id,
    repositories.first_observed,
    names.first_seen
from {{ ref('repositories') }} as repositories
inner join {{ ref('repository_names') }} as names using (repository_id)
where repositories.first_observed > names.first_seen or names.first_seen > names.last_seen
