-- A year's row stands in its January: papers times affiliations, and those with a country to be believed.
with months as (
    select
        make_date(year, 1, 1) as month,
        sum(papers) as incidences,
        coalesce(sum(papers) filter (where country <> 'ZZ'), 0) as known,
        count(*) filter (where is_disputed) as disputed
    from {{ ref('int_neurips_countries') }}
    group by all
),

refused_files as (
    select null::date as day
    from {{ source('neurips_affiliations', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'neurips_affiliations' as source,
        months.month,
        months.incidences::bigint as expected,
        months.known::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        months.known / months.incidences::double as share,
        'documents' as unit,
        'names_matched_by_program' as regime,
        case
            when months.disputed > 0
                then months.disputed || ' affiliations that the publisher files under another country'
        end as note
    from months
    left join refused on months.month = refused.month
)

select * from final
