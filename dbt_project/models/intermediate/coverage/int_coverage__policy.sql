-- Regulations.gov announces how many documents a day has, so a share is known, and the rules of the Commerce
-- Control List are complete by construction; how many a hand-kept collection, a cut list or a search should
-- hold, nobody knows.
with collections as (
    select * from {{ ref('int_policy_collections') }}
),

months as (
    select
        collection,
        source,
        silence,
        settled_from,
        settled_before,
        unnest(
            generate_series(date_trunc('month', window_start)::date, window_end, interval 1 month)
        )::date as month
    from collections
),

scope as (
    select
        source,
        month,
        string_agg(collection, '+' order by collection) as regime,
        bool_or(silence = 'hole') as is_searched,
        bool_and(month >= settled_from and month < settled_before) as is_settled
    from months
    group by source, month
),

seen as (
    select
        'agora_policy' as source,
        coalesce(proposed_date, activity_date) as day,
        null::bigint as expected,
        1 as observed
    from {{ ref('stg_agora_policy__documents') }}
    where snapshot = (select max(snapshot) from {{ ref('stg_agora_policy__documents') }})
    union all
    select
        'china_policy_lists' as source,
        publication_date as day,
        null::bigint as expected,
        1 as observed
    from {{ ref('stg_china_policy_lists__policies') }}
    union all
    select
        'regulations_gov_bis' as source,
        query_date as day,
        -- every page repeats the day's total
        case when page = 1 then total_elements else 0 end as expected,
        elements as observed
    from {{ ref('stg_regulations_gov_bis__pages') }}
    union all
    select
        'ccl_rules' as source,
        published as day,
        1 as expected,
        1 as observed
    from {{ ref('stg_ccl_rules__rules') }}
    union all
    select
        'federal_register_posts' as source,
        published as day,
        null::bigint as expected,
        1 as observed
    from {{ ref('stg_federal_register_posts__documents') }}
    union all
    select
        'china_policy_documents' as source,
        first_day as day,
        null::bigint as expected,
        1 as observed
    from {{ ref('stg_china_policy_documents__documents') }}
),

counted as (
    select
        source,
        date_trunc('month', day)::date as month,
        sum(expected)::bigint as expected,
        sum(observed)::bigint as observed
    from seen
    group by all
),

refused as (
    {% for source_name in [
        'agora_policy', 'ccl_rules', 'china_policy_documents', 'china_policy_lists', 'federal_register_posts',
        'regulations_gov_bis'
    ] %}
        select
            source,
            replace(regexp_extract(file, '\d{4}[-_]\d{2}[-_]\d{2}'), '_', '-') as day
        from {{ source(source_name, '_rejected') }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

last_months as (
    select
        source,
        max(month) as month
    from months
    group by source
),

refused_months as (
    select
        refused.source,
        -- a file without a day, or of a day after the last document, counts in the last month
        least(
            coalesce(date_trunc('month', try_cast(refused.day as date))::date, last_months.month),
            last_months.month
        ) as month,
        count(*) as rejected
    from refused
    inner join last_months on refused.source = last_months.source
    group by all
),

final as (
    select
        scope.source,
        scope.month,
        case
            when scope.source in ('ccl_rules', 'regulations_gov_bis') then coalesce(counted.expected, 0)
        end as expected,
        coalesce(counted.observed, 0)::bigint as observed,
        coalesce(refused_months.rejected, 0)::bigint as rejected,
        (counted.observed / nullif(counted.expected, 0))::double as share,
        'documents' as unit,
        scope.regime,
        case
            when scope.is_searched and counted.observed is null then 'never searched: a hole, not a zero'
            when not scope.is_settled then 'partly seen or still being filled'
            when scope.source = 'regulations_gov_bis' and counted.observed is null then 'no day with a BIS document'
        end as note
    from scope
    left join counted on scope.source = counted.source and scope.month = counted.month
    left join refused_months on scope.source = refused_months.source and scope.month = refused_months.month
)

select * from final
