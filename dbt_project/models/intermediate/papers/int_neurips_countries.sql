-- The publisher's program places names in countries, wrongly in places. A name has no certain country where
-- it has none there, where the look-up knows another, or where a curated row says so.
with affiliations as (
    select * from {{ ref('stg_neurips_affiliations__affiliation_years') }}
),

published as (
    select
        affiliations.year,
        affiliations.affiliation,
        affiliations.affiliation_key,
        affiliations.papers,
        names.country as published_country,
        known.country as known_country,
        known.method
    from affiliations
    left join {{ ref('country_names') }} as names
        on affiliations.country_name = names.name and names.kind = 'country'
    left join {{ ref('int_institution_countries') }} as known
        on affiliations.affiliation_key = known.affiliation_key
),

final as (
    select
        year,
        affiliation,
        papers,
        case
            when method = 'curated' then known_country
            when known_country <> published_country then 'ZZ'
            else coalesce(published_country, 'ZZ')
        end as country,
        coalesce(known_country <> published_country, false) as is_disputed
    from published
)

select * from final
