with source as (
    select * from {{ source('policy_timeline', 'confounder_occurrences') }}
),

final as (
    select
        confounder_id,
        start_date,
        end_date
    from source
)

select * from final
