-- Snapshots in order, each with the day of the one before: levels are differenced between neighbours alone, and
-- only where these lie about a month apart.
with days as (
    select distinct snapshot from {{ ref('stg_hugging_face_hub__cohorts') }}
),

final as (
    select
        snapshot,
        lag(snapshot) over (order by snapshot asc) as snapshot_before,
        date_trunc('month', snapshot - 15)::date as flow_month,
        coalesce(snapshot - lag(snapshot) over (order by snapshot asc) between 20 and 45, false) as has_flow,
        snapshot = max(snapshot) over () as is_newest
    from days
)

select * from final
