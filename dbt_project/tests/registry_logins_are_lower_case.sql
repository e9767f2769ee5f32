-- Logins and affiliation words are stored in lower case, so that one login cannot stand twice.
select
    service,
    name
from {{ ref('bridge_organisation_name') }}
where service != 'epoch' and name != lower(name)
