-- Complete is a statement on a list and a month, made of what its publisher covers: inside the days it speaks for,
-- settled, with every page of every day; and where silence is a hole, with an entry.
with collections as (
    select
        *,
        unnest(
            generate_series(date_trunc('month', window_start)::date, window_end, interval 1 month)
        )::date as month
    from {{ ref('int_policy_collections') }}
),

coverage as (
    select
        source,
        month,
        share
    from {{ ref('int_coverage__policy') }}
),

documents as (
    select
        collection,
        date_trunc('month', published)::date as month,
        count(*) as documents
    from {{ ref('int_policy_documents') }}
    where published is not null
    group by all
),

final as (
    select
        collections.collection,
        collections.month,
        collections.jurisdiction,
        collections.in_levels,
        coalesce(documents.documents, 0) as documents,
        (
            collections.month >= collections.settled_from
            and collections.month < collections.settled_before
            and coalesce(coverage.share, 1) = 1
            and (collections.silence = 'zero' or coalesce(documents.documents, 0) > 0)
        ) as is_complete
    from collections
    left join documents
        on collections.collection = documents.collection and collections.month = documents.month
    left join coverage on collections.source = coverage.source and collections.month = coverage.month
)

select * from final
