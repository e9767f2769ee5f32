with patterns as (
    select * from {{ ref('model_family_patterns') }}
),

final as (
    select
        family_id,
        pattern
    from patterns
)

select * from final
