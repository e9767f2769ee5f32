-- How many models came out in a month is unknown, so nothing is expected of a list. Its own changelog says in which
-- months the keeper of the Chinese one added something.
with releases as (
    select
        source,
        date_trunc('month', released)::date as month,
        source_version
    from {{ ref('int_model_lists') }}
    where source <> 'atom_tracked_models'
),

spans as (
    select
        source,
        min(month) as first_month,
        date_trunc('month', max(source_version))::date as last_month,
        count(*) filter (where month is null) as undated
    from releases
    group by source
),

months as (
    select
        source,
        last_month,
        undated,
        unnest(generate_series(first_month, last_month, interval 1 month))::date as month
    from spans
),

windows as (
    select
        sources as source,
        window_start,
        window_end
    from {{ ref('outcomes') }}
    where sources in (select source from spans)
),

additions as (
    select
        'chinese_pretrained_models' as source,
        date_trunc('month', day)::date as month,
        count(*) as entries
    from {{ ref('stg_chinese_pretrained_models__additions') }}
    group by all
),

counted as (
    select
        source,
        month,
        count(*) as models
    from releases
    group by all
),

refused as (
    {% for name in ['chinese_pretrained_models', 'open_llms', 'bmlist', 'ecosystem_graphs'] %}
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
        coalesce(counted.models, 0)::bigint as observed,
        if(months.month = months.last_month, refused.rejected, 0)::bigint as rejected,
        null::double as share,
        'documents' as unit,
        case
            when months.month < windows.window_start then 'listed_afterwards'
            when months.month <= date_trunc('quarter', windows.window_end) + interval 2 month then 'list_kept'
            else 'list_hardly_kept'
        end as regime,
        nullif(
            concat_ws(
                '; ',
                case
                    when months.month = months.last_month and months.undated > 0
                        then months.undated || ' models without a month of release'
                end,
                case
                    when months.source = 'chinese_pretrained_models' and additions.entries is null
                        then 'nothing was added to the list in this month'
                end
            ),
            ''
        ) as note
    from months
    inner join windows on months.source = windows.source
    inner join refused on months.source = refused.source
    left join counted on months.source = counted.source and months.month = counted.month
    left join additions on months.source = additions.source and months.month = additions.month
)

select * from final
