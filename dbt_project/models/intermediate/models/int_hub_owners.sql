with names as (
    select * from {{ ref('organisation_names') }}
    where service = 'hugging_face'
),

accounts as (
    select * from {{ ref('model_hub_accounts') }}
),

owners as (
    select
        lower(name) as owner,
        organisation_id,
        false as is_mirror
    from names
    union all
    select
        accounts.owner,
        accounts.organisation_id,
        accounts.is_mirror
    from accounts
    anti join names on accounts.owner = lower(names.name)
),

final as (
    select
        owners.owner,
        owners.organisation_id,
        coalesce(organisations.country, 'ZZ') as country,
        organisations.earlier,
        owners.is_mirror
    from owners
    left join {{ ref('int_organisation_seats') }} as organisations
        on owners.organisation_id = organisations.organisation_id
)

select * from final
