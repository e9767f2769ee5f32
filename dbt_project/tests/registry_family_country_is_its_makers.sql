-- A family comes from where its maker sits, or from nowhere that is certain.
select
    families.family_id,
    families.country,
    organisations.country as maker_country
from {{ ref('dim_model_family') }} as families
inner join {{ ref('dim_organisation') }} as organisations using (organisation_id)
where families.country not in (organisations.country, 'ZZ')
