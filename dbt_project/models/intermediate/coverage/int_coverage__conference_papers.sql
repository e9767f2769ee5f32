-- Venues have years: each year's row stands in its January. Expected are the accepted papers that the
-- files list, observed those with a stated country.
with months as (
    select
        papers.year,
        make_date(papers.year, 1, 1) as month,
        count(*) as papers,
        count(*) filter (where countries.country is null) as known
    from {{ ref('int_papers__conference') }} as papers
    left join {{ ref('int_papers__countries') }} as countries
        on papers.paper_id = countries.paper_id and countries.country = 'ZZ'
    group by all
),

refused_files as (
    select make_date(try_cast(regexp_extract(file, '\d{4}') as integer), 1, 1) as day
    from {{ source('conference_papers', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'conference_papers' as source,
        months.month,
        months.papers::bigint as expected,
        months.known::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        months.known / months.papers::double as share,
        'documents' as unit,
        years.regime,
        case
            when months.known < months.papers
                then (months.papers - months.known) || ' papers without a stated country'
        end as note
    from months
    inner join {{ ref('int_conference_years') }} as years on months.year = years.year
    left join refused on months.month = refused.month
)

select * from final
