-- A second opinion that differs from the registry is resolved by a row with the reason, never in silence.
-- Archives of other days and registries that grow may bring new ones, so this shows and does not block.
{{ config(severity='warn') }}
with opinions as (
    select * from {{ ref('int_owner_country_opinions') }}
)

select
    owner_login,
    registry_country,
    label_countries,
    label_provinces
from opinions
where agreement <> 'agrees' and resolution is null
