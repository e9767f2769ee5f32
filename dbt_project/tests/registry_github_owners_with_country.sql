-- Fewer than 450 GitHub owners with a country: rows were lost.
select count(*) as owners
from {{ ref('bridge_organisation_name') }} as names
inner join {{ ref('dim_organisation') }} as organisations using (organisation_id)
where names.service = 'github' and organisations.country != 'ZZ'
having count(*) < 450
