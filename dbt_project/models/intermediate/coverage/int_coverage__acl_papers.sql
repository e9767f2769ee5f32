-- A year's row stands in its January. Expected are the research papers, observed those of which every author
-- states an affiliation.
with months as (
    select
        year,
        make_date(year, 1, 1) as month,
        count(*) as papers,
        count(*) filter (where is_fully_affiliated) as full_papers,
        count(*) filter (where affiliations is null) as bare
    from {{ ref('int_papers__acl') }}
    where is_research
    group by all
),

refused_files as (
    select make_date(try_cast(left(file, 4) as integer), 1, 1) as day
    from {{ source('acl_anthology_affiliations', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'acl_anthology_affiliations' as source,
        months.month,
        months.papers::bigint as expected,
        months.full_papers::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        months.full_papers / months.papers::double as share,
        'documents' as unit,
        coalesce(years.regime, 'no_affiliations') as regime,
        case
            when months.full_papers < months.papers
                then
                    months.papers - months.full_papers || ' papers with authors without affiliation, '
                    || months.bare || ' of them with none at all'
        end as note
    from months
    left join {{ ref('int_acl_years') }} as years on months.year = years.year
    left join refused on months.month = refused.month
)

select * from final
