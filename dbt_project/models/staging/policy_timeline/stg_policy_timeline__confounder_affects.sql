with source as (
    select * from {{ source('policy_timeline', 'confounder_affects') }}
),

final as (
    select
        confounder_id,
        what,
        value
    from source
)

select * from final
