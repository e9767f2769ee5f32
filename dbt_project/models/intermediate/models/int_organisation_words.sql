-- Lists spell organisations in words. Epoch's spelling of a name settles it, then the registry's own, then the
-- words that affiliations are searched for.
with names as (
    select
        lower(name) as name,
        organisation_id,
        case service when 'epoch' then 0 else 2 end as rank
    from {{ ref('organisation_names') }}
    where service in ('epoch', 'affiliation')
    union all
    select
        lower(name) as name,
        organisation_id,
        1 as rank
    from {{ ref('organisations') }}
),

settled as (
    select * from names
    qualify row_number() over (partition by name order by rank, organisation_id) = 1
),

final as (
    select
        settled.name,
        settled.organisation_id,
        organisations.country,
        organisations.earlier
    from settled
    inner join {{ ref('int_organisation_seats') }} as organisations
        on settled.organisation_id = organisations.organisation_id
)

select * from final
