-- From what was loaded: the first and last day each collection speaks for, and its settled months.
with declared as (
    select * from {{ ref('policy_collections') }}
),

seen as (
    select
        'agora' as collection,
        min(coalesce(proposed_date, activity_date)) as first_day,
        max(activity_date) as last_day
    from {{ ref('stg_agora_policy__documents') }}
    union all
    select
        list as collection,
        min(publication_date) as first_day,
        max(snapshot) as last_day
    from {{ ref('stg_china_policy_lists__policies') }}
    group by list
    union all
    select
        'bis' as collection,
        min(query_date) as first_day,
        max(query_date) as last_day
    from {{ ref('stg_regulations_gov_bis__pages') }}
    union all
    select
        'ccl' as collection,
        min(published) as first_day,
        max(known_on) as last_day
    from {{ ref('stg_ccl_rules__rules') }}
    union all
    select
        'federal_register' as collection,
        min(published) as first_day,
        max(published) as last_day
    from {{ ref('stg_federal_register_posts__documents') }}
    union all
    select
        coalesce(library, 'china_gov') as collection,
        min(first_day) as first_day,
        max(first_day) as last_day
    from {{ ref('stg_china_policy_documents__documents') }}
    group by all
),

final as (
    select
        declared.collection,
        declared.source,
        declared.jurisdiction,
        declared.silence,
        declared.in_levels,
        coalesce(declared.window_start, seen.first_day) as window_start,
        least(declared.window_end, seen.last_day) as window_end,
        -- where a list was cut, its first month is only partly there
        coalesce(
            declared.window_start, (date_trunc('month', seen.first_day) + interval 1 month)::date
        ) as settled_from,
        -- a last day that ends its month makes the month whole
        (
            date_trunc('month', least(declared.window_end, seen.last_day) + 1)
            - to_months(declared.unsettled_months)
        )::date as settled_before
    from declared
    inner join seen on declared.collection = seen.collection
    where seen.last_day is not null
)

select * from final
