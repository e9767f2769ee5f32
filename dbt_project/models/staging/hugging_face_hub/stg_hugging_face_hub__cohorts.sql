with source as (
    select * from {{ source('hugging_face_hub', 'cohorts') }}
),

final as (
    select
        snapshot,
        kind,
        owner,
        relation,
        try_cast(created_month || '-01' as date) as created_month,
        models,
        counted,
        downloads,
        downloads_all_time
    from source
)

select * from final
