-- Of the month's papers those with a country; the note says how many works of the whole field have none.
with papers as (
    select * from {{ ref('int_openalex_papers') }}
),

field as (
    select
        published_month as month,
        pulled_month,
        sum(works) filter (where country = 'ZZ') as without_country,
        sum(works) as counted
    from {{ ref('stg_openalex__country_months') }}
    group by all
),

months as (
    select
        submitted_month as month,
        min(pulled_month) as pulled_month,
        count(*) as expected,
        count(*) filter (where len(countries) > 0) as observed
    from papers
    group by all
),

refused_files as (
    select try_cast(regexp_extract(file, '/(\d{4}-\d{2})/', 1) || '-01' as date) as day
    from {{ source('openalex', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'openalex' as source,
        months.month,
        months.expected::bigint as expected,
        months.observed::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        (months.observed / months.expected)::double as share,
        'documents' as unit,
        'pulled ' || strftime(months.pulled_month, '%Y-%m') as regime,
        'of the field''s works by country, ' || round(100 * field.without_country / field.counted)
        || ' % are of none that is known' as note
    from months
    left join refused on months.month = refused.month
    left join field on months.month = field.month and months.pulled_month = field.pulled_month
)

select * from final
