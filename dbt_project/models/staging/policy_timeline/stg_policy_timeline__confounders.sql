with source as (
    select * from {{ source('policy_timeline', 'confounders') }}
),

final as (
    select
        confounder_id,
        title,
        kind,
        start_date,
        end_date,
        date_precision,
        summary,
        citation,
        verified,
        notes
    from source
)

select * from final
