with source as (
    select * from {{ source('atom_tracked_models', 'organisation_regions') }}
),

final as (
    select
        version,
        lower(hf_org) as hub_owner,
        region,
        notes
    from source
)

select * from final
