-- No total is known for a curated list. What can be said: a list speaks for a month in full once its
-- newest version is a year younger.
with months as (
    select distinct
        outcome,
        month,
        is_complete
    from {{ ref('int_epoch_open_models') }}
    where is_newest and left_out is null
),

refused as (
    select
        date_trunc('month', regexp_extract(file, '\d{4}-\d{2}-\d{2}')::date)::date as month,
        count(*) as rejected
    from {{ source('epoch_models', '_rejected') }}
    group by all
),

lists as (
    select
        month,
        count(*) filter (where is_complete) as complete_lists
    from months
    group by all
),

spine as (
    select month from lists
    union
    select month from refused
),

final as (
    select
        'epoch_models' as source,
        month,
        2::bigint as expected,
        coalesce(lists.complete_lists, 0)::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        coalesce(lists.complete_lists, 0) / 2.0::double as share,
        'files' as unit,
        'epoch_list' as regime,
        case
            when coalesce(lists.complete_lists, 0) < 2
                then 'less than a year before the newest version of a list: releases are still being added'
        end as note
    from spine
    left join lists using (month)
    left join refused using (month)
)

select * from final
