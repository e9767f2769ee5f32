with activity as (
    select * from {{ ref('int_activity') }}
),

final as (
    select
        country,
        period,
        frequency,
        outcome,
        vintage,
        value,
        is_complete,
        source
    from activity
    where vintage is not null and left_out is null
)

select * from final
