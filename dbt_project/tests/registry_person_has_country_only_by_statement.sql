-- A person has a country only where they state it publicly; nobody else needs a statement.
select
    organisation_id,
    country,
    country_statement
from {{ ref('dim_organisation') }}
where
    (kind = 'person' and country != 'ZZ' and country_statement is null)
    or (kind != 'person' and country_statement is not null)
