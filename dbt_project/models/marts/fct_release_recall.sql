-- Names are compared by the line of models, so a size that Epoch lists stands for all.
with listed as (
    select
        source as list,
        unnest(countries) as country,
        date_trunc('quarter', released)::date as quarter,
        model_id,
        model_line
    from {{ ref('int_model_lists') }}
    where source <> 'atom_tracked_models' and released is not null
),

epoch as (
    select distinct {{ model_line('name') }} as model_line
    from {{ ref('int_epoch_models') }}
),

final as (
    select
        listed.list,
        listed.country,
        listed.quarter,
        count(*)::bigint as listed,
        count(epoch.model_line)::bigint as in_epoch,
        count(epoch.model_line) / count(*)::double as share_in_epoch
    from listed
    left join epoch on listed.model_line = epoch.model_line
    group by all
)

select * from final
