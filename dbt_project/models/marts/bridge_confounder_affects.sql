with source as (
    select * from {{ ref('stg_policy_timeline__confounder_affects') }}
),

final as (
    select
        confounder_id,
        what,
        value
    from source
)

select * from final
