-- Derivatives by the country of the base model's maker as a share of all models of the month (the platform grew for
-- every country), from the newest snapshot; and downloads gained by makers' own models between two snapshots.
with cohorts as (
    select * from {{ ref('stg_hugging_face_hub__cohorts') }}
),

snapshots as (
    select * from {{ ref('int_hub_snapshots') }}
),

owners as (
    select
        owner,
        country,
        earlier
    from {{ ref('int_hub_owners') }}
),

newest as (
    select cohorts.*
    from cohorts
    inner join snapshots on cohorts.snapshot = snapshots.snapshot
    where snapshots.is_newest and cohorts.created_month is not null
),

platform as (
    select
        created_month as month,
        models,
        created_month < date_trunc('month', snapshot) as is_complete
    from newest
    where kind = 'all'
),

derived as (
    select
        newest.created_month as month,
        {{ country_on('owners', 'newest.created_month') }} as country,
        sum(newest.models) as models
    from newest
    left join owners on newest.owner = owners.owner
    where newest.kind = 'derived'
    group by all
),

-- a cohort is differenced only while the same number of models stands in it, all with downloads: a deleted or a new
-- model, or a level that falls, is a break
levels as (
    select
        cohorts.*,
        {{ country_on('owners', 'cohorts.snapshot') }} as country
    from cohorts
    left join owners on cohorts.owner = owners.owner
    where cohorts.kind = 'own'
),

flows as (
    select
        snapshots.flow_month as month,
        later.country,
        later.models,
        earlier.models = later.models
        and earlier.counted = later.models
        and later.counted = later.models
        and later.downloads_all_time >= earlier.downloads_all_time as is_flow,
        later.downloads_all_time - earlier.downloads_all_time as gained
    from levels as later
    inner join snapshots on later.snapshot = snapshots.snapshot and snapshots.has_flow
    left join levels as earlier
        on
            snapshots.snapshot_before = earlier.snapshot
            and later.owner = earlier.owner
            and later.created_month is not distinct from earlier.created_month
    -- models of the month itself had no level before
    where later.created_month is null or later.created_month < snapshots.flow_month
),

gained as (
    select
        month,
        country,
        sum(gained) filter (where is_flow) as downloads,
        sum(models) filter (where is_flow) as models,
        sum(models) filter (where is_flow) / sum(models)::double as coverage
    from flows
    group by all
),

rows_counted as (
    select
        derived.country,
        derived.month as period,
        'hub_derivative_share' as outcome,
        derived.models / platform.models::double as value,
        derived.models as n_units,
        null::double as coverage,
        platform.is_complete
    from derived
    inner join platform on derived.month = platform.month
    union all by name
    select
        country,
        month as period,
        'hub_downloads_gained' as outcome,
        downloads::double as value,
        models as n_units,
        coverage,
        true as is_complete
    from gained
    where models > 0
),

final as (
    select
        country,
        period,
        'month' as frequency,
        outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        value,
        n_units::bigint as n_units,
        coverage,
        is_complete,
        'hub_walk' as regime,
        'hugging_face_hub' as source
    from rows_counted
)

select * from final
