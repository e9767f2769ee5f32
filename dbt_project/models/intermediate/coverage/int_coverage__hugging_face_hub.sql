-- Of the month's models that were there at the newest snapshot, those whose downloads are told.
with newest as (
    select cohorts.*
    from {{ ref('stg_hugging_face_hub__cohorts') }} as cohorts
    inner join {{ ref('int_hub_snapshots') }} as snapshots on cohorts.snapshot = snapshots.snapshot
    where snapshots.is_newest and cohorts.kind = 'all' and cohorts.created_month is not null
),

months as (
    select
        created_month as month,
        snapshot,
        models,
        counted
    from newest
),

refused_files as (
    select try_cast(regexp_extract(file, '\d{4}-\d{2}-\d{2}') as date) as day
    from {{ source('hugging_face_hub', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'hugging_face_hub' as source,
        months.month,
        months.models::bigint as expected,
        months.counted::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        (months.counted / months.models)::double as share,
        'models' as unit,
        'hub_walk' as regime,
        'as of ' || strftime(months.snapshot, '%Y-%m-%d') || '; models deleted before are gone' as note
    from months
    left join refused on months.month = refused.month
)

select * from final
