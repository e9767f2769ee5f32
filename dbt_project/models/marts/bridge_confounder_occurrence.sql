with source as (
    select * from {{ ref('stg_policy_timeline__confounder_occurrences') }}
),

final as (
    select
        confounder_id,
        start_date,
        end_date
    from source
)

select * from final
