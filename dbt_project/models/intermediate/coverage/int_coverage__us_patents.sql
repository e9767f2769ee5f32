-- How many applications a month has, nobody says here: a search's result. The labelled set and the sample documents
-- are no flow, and stand in no month.
with found as (
    select * from {{ ref('stg_us_patents__found_applications') }}
),

labelled as (
    select
        count(*) filter (where is_ai and has_ai_words) as right_words,
        count(*) filter (where has_ai_words) as with_words,
        count(*) filter (where is_ai) as with_label
    from {{ ref('stg_us_patents__labelled') }}
),

counted as (
    select
        date_trunc('month', published)::date as month,
        count(*) as documents,
        count(distinct published) as days,
        median(published - filed) as lag_days
    from found
    group by all
),

spine as (
    select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
    from counted
),

months as (
    select
        spine.month,
        coalesce(counted.documents, 0) as documents,
        coalesce(counted.days, 0) as days,
        counted.lag_days
    from spine
    left join counted on spine.month = counted.month
),

refused_files as (
    select null::date as day
    from {{ source('us_patents', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'us_patents' as source,
        months.month,
        null::bigint as expected,
        months.documents::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        null::double as share,
        'documents' as unit,
        'search' as regime,
        'days of publication: ' || months.days
        || coalesce('; half of the documents filed more than ' || round(months.lag_days)::bigint || ' days before', '')
        || case
            when months.month = max(months.month) over () and labelled.with_label > 0
                then
                    '; AI words are right in ' || labelled.right_words || ' of ' || labelled.with_words
                    || ' labelled patents that have them and find ' || labelled.right_words || ' of '
                    || labelled.with_label || ' labelled AI'
            else ''
        end as note
    from months
    left join refused on months.month = refused.month
    cross join labelled
)

select * from final
