-- How many models were uploaded in a month is unknown, so nothing is expected; what carries no month
-- is told beside the newest version.
with models as (
    select * from {{ ref('int_leaderboard_models') }}
    where version = newest_version
),

span as (
    select
        date_trunc('month', min(upload_date))::date as first_month,
        date_trunc('month', any_value(newest_version))::date as last_month,
        count(*) filter (where upload_date is null) as undated,
        count(*) filter (where has_fill_date) as filled,
        count(*) filter (where is_original) as originals
    from models
),

months as (
    select
        *,
        unnest(generate_series(first_month, last_month, interval 1 month))::date as month
    from span
),

refused_files as (
    select try_cast(regexp_extract(file, '\d{4}-\d{2}-\d{2}') as date) as day
    from {{ source('llm_leaderboards', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'llm_leaderboards' as source,
        months.month,
        null::bigint as expected,
        count(models.model)::bigint as observed,
        coalesce(any_value(refused.rejected), 0)::bigint as rejected,
        null::double as share,
        'documents' as unit,
        case
            when months.month < date '2024-07-01' then 'uploaded_before_the_board_opened'
            when months.month < date '2025-03-01' then 'board_open'
            else 'board_closed'
        end as regime,
        case
            when months.month = any_value(months.last_month)
                then
                    any_value(months.undated) || ' models without an upload day, ' || any_value(months.filled)
                    || ' with the fill day 2022-03-02, ' || any_value(months.originals)
                    || ' originals: none counted as a derivative of a month'
        end as note
    from months
    left join models on months.month = date_trunc('month', models.created)::date
    left join refused on months.month = refused.month
    group by months.month
)

select * from final
