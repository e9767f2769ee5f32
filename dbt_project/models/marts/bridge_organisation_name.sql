with organisation_names as (
    select * from {{ ref('organisation_names') }}
),

final as (
    select
        organisation_id,
        service,
        name
    from organisation_names
)

select * from final
