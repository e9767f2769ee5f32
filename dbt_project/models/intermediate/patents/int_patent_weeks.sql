-- A week is there when its newest file was read. The office publishes grants on Tuesdays and applications on
-- Thursdays, holidays or not.
with weeks as (
    select * from {{ ref('stg_uspto_patents__weeks') }}
),

spans as (
    select
        kind,
        min(published) as first_day,
        max(published) as last_day
    from weeks
    group by kind
),

days as (
    select
        kind,
        unnest(generate_series(first_day, last_day, interval 7 day))::date as published
    from spans
),

final as (
    select
        days.kind,
        days.published,
        weeks.published is not null as is_read,
        coalesce(weeks.documents, 0) as documents
    from days
    left join weeks on days.kind = weeks.kind and days.published = weeks.published
)

select * from final
