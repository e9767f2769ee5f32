-- Where a source's word for an organisation's country is not the registry's, somebody has said which holds.
{{ config(severity='warn') }}

with regions as (
    select * from {{ ref('stg_atom_tracked_models__organisation_regions') }}
    qualify version = max(version) over ()
),

tracked as (
    select
        'atom_tracked_models' as source,
        regions.hub_owner as name,
        regions.region as theirs,
        owners.country as ours
    from regions
    inner join {{ ref('int_hub_owners') }} as owners on regions.hub_owner = owners.owner
    inner join {{ ref('countries') }} as countries on owners.country = countries.country
    where
        regions.region <> case
            when owners.country = 'ZZ' then 'unknown'
            when owners.country = 'US' then 'us'
            when owners.country in ('CN', 'HK', 'MO') then 'china'
            when contains(countries.region, 'Europe') then 'eu'
            else 'other'
        end
),

stated as (
    select distinct
        'ecosystem_graphs' as source,
        lower(assets.organisations) as name,
        names.country as theirs,
        words.country as ours
    from {{ ref('stg_ecosystem_graphs__assets') }} as assets
    inner join {{ ref('country_names') }} as names on assets.nationality = names.name
    inner join {{ ref('int_organisation_words') }} as words on lower(assets.organisations) = words.name
    where names.country <> 'ZZ' and names.country <> words.country
),

disagreements as (
    select * from tracked
    union all
    select * from stated
)

select disagreements.*
from disagreements
anti join {{ ref('country_disagreements') }} as settled
    on
        disagreements.source = settled.source
        and disagreements.name = settled.name
        and disagreements.theirs = settled.theirs
        and disagreements.ours = settled.ours
