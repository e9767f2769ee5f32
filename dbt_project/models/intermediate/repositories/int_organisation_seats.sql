with organisations as (
    select * from {{ ref('organisations') }}
),

places as (
    select
        organisation_id,
        any_value(country) filter (where place = 'team') as team_country,
        list(
            struct_pack(
                country := country,
                valid_from := coalesce(valid_from, date '0001-01-01'),
                valid_until := valid_until
            )
            order by valid_until
        ) filter (where place = 'seat') as earlier
    from {{ ref('organisation_places') }}
    group by organisation_id
),

final as (
    select
        organisations.organisation_id,
        organisations.kind,
        organisations.country,
        places.team_country,
        places.earlier
    from organisations
    left join places on organisations.organisation_id = places.organisation_id
)

select * from final
