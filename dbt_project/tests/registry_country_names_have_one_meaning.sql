-- A spelling of a country has its code, a group has none, an unknown is `ZZ`.
select
    name,
    country,
    kind
from {{ ref('country_names') }}
where
    (kind = 'group' and country is not null)
    or (kind = 'unknown' and country is distinct from 'ZZ')
    or (kind = 'country' and coalesce(country, 'ZZ') = 'ZZ')
