-- What three sources saw of accounts on hubs of models, by month: ids that entered a project, models whose versions
-- ATOM keeps, fine-tunes by the day of their repository. No total is known.
with seen as (
    select
        'model_registry_dates' as source,
        date_trunc('month', first_day)::date as month,
        version
    from {{ ref('stg_model_registry_dates__first_listings') }}
    union all
    select distinct
        'atom_tracked_models' as source,
        date_trunc('month', version)::date as month,
        version
    from {{ ref('stg_atom_tracked_models__models') }}
    union all
    select
        'hf_model_trees' as source,
        date_trunc('month', created)::date as month,
        version
    from {{ ref('stg_hf_model_trees__models') }}
),

spans as (
    select
        source,
        min(month) as first_month,
        greatest(max(month), date_trunc('month', max(version)))::date as last_month
    from seen
    group by source
),

months as (
    select
        source,
        last_month,
        unnest(generate_series(first_month, last_month, interval 1 month))::date as month
    from spans
),

counted as (
    select
        source,
        month,
        count(*) as units
    from seen
    group by all
),

refused as (
    {% for name in ['model_registry_dates', 'atom_tracked_models', 'hf_model_trees'] %}
        select
            '{{ name }}' as source,
            count(*) as rejected
        from {{ source(name, '_rejected') }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        months.source,
        months.month,
        null::bigint as expected,
        coalesce(counted.units, 0)::bigint as observed,
        if(months.month = months.last_month, refused.rejected, 0)::bigint as rejected,
        null::double as share,
        if(months.source = 'atom_tracked_models', 'files', 'documents') as unit,
        case months.source
            when 'hf_model_trees' then 'survivors_of_chosen_bases'
            when 'atom_tracked_models' then 'tracked_list'
            else 'five_projects'
        end as regime,
        null::varchar as note
    from months
    inner join refused on months.source = refused.source
    left join counted on months.source = counted.source and months.month = counted.month
)

select * from final
