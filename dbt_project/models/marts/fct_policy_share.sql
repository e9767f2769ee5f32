with source as (
    select * from {{ ref('int_policy_share_periods') }}
),

final as (
    select
        comparison,
        country,
        frequency,
        period,
        theme,
        collection,
        documents,
        with_theme,
        share,
        is_complete,
        source
    from source
)

select * from final
