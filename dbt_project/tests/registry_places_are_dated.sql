-- An earlier seat ends on a day, one country a day, and only a team has none.
with places as (
    select * from {{ ref('organisation_places') }}
)

select
    places.organisation_id,
    places.country
from places
left join places as others
    on
        places.organisation_id = others.organisation_id
        and places.place = others.place
        and places.valid_until < others.valid_until
where
    (places.place = 'seat') = (places.valid_until is null)
    or places.valid_from >= places.valid_until
    or coalesce(others.valid_from, date '0001-01-01') < places.valid_until and others.valid_until is not null
    or places.place = 'team' and places.valid_from is not null
