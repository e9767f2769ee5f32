with source as (
    select * from {{ ref('stg_policy_timeline__confounders') }}
),

final as (
    select
        confounder_id,
        title,
        kind,
        start_date,
        end_date,
        summary,
        citation,
        verified is not null as is_verified
    from source
)

select * from final
