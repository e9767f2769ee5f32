-- Of the documents that AGORA lists, those whose text could be read, by the month of their first public day.
-- Files that were refused say no day: they are counted in the last month.
with documents as (
    select * from {{ ref('int_policy_documents') }}
    where collection = 'agora' and published is not null
),

counted as (
    select
        date_trunc('month', published)::date as month,
        count(*) as expected,
        count(*) filter (where text_read = 'text') as observed
    from documents
    group by all
),

spine as (
    select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
    from counted
),

months as (
    select
        spine.month,
        coalesce(counted.expected, 0) as expected,
        coalesce(counted.observed, 0) as observed
    from spine
    left join counted on spine.month = counted.month
),

read_texts as (
    select count(*) as texts from {{ ref('stg_agora_fulltext__texts') }}
),

refused as (
    select count(*) as rejected from {{ source('agora_fulltext', '_rejected') }}
),

final as (
    select
        'agora_fulltext' as source,
        months.month,
        months.expected,
        months.observed,
        case when months.month = max(months.month) over () then refused.rejected else 0 end::bigint as rejected,
        (months.observed / nullif(months.expected, 0))::double as share,
        'documents' as unit,
        'agora' as regime,
        case
            when months.observed < months.expected
                then (months.expected - months.observed) || ' without a text'
        end as note
    from months
    cross join refused
    cross join read_texts
    where read_texts.texts > 0
)

select * from final
