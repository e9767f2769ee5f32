-- Every owner of a followed repository is in the registry, if only with `ZZ`.
select
    repositories.repository_id,
    repositories.owner_login
from {{ ref('repositories') }} as repositories
left join {{ ref('organisation_names') }} as names
    on names.service = 'github' and names.name = lower(repositories.owner_login)
where names.name is null
