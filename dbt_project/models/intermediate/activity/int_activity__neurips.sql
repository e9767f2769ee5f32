-- A paper counts once in each of its affiliations: sums are incidences, not papers. A company
-- counts in the country of its seat. Spellings are known in part: a country without a row is unknown.
with incidences as (
    select * from {{ ref('int_neurips_countries') }}
),

by_country as (
    select
        'neurips_affiliation_incidences' as outcome,
        year,
        country,
        sum(papers) as n,
        count(*) as affiliations
    from incidences
    group by all
),

companies as (
    select
        organisations.country,
        organisations.earlier,
        lower(names.name) as name
    from {{ ref('organisation_names') }} as names
    inner join {{ ref('int_organisation_seats') }} as organisations
        on names.organisation_id = organisations.organisation_id
    where names.service = 'affiliation' and organisations.kind = 'company'
),

company_rows as (
    select distinct
        incidences.year,
        incidences.affiliation,
        incidences.papers,
        {{ country_on('companies', 'make_date(incidences.year, 1, 1)') }} as country
    from incidences
    inner join companies
        on
            contains(lower(incidences.affiliation), companies.name)
            and regexp_matches(
                lower(incidences.affiliation),
                '(^|[^a-z0-9])' || regexp_escape(companies.name) || '($|[^a-z0-9])'
            )
),

by_company as (
    select
        'neurips_company_incidences' as outcome,
        year,
        country,
        sum(papers) as n,
        count(*) as affiliations
    from company_rows
    group by all
),

counted as (
    select * from by_country
    union all by name
    select * from by_company
),

known as (
    select
        year,
        sum(papers) filter (where country <> 'ZZ') / sum(papers)::double as known_share
    from incidences
    group by year
),

final as (
    select
        counted.country,
        make_date(counted.year, 1, 1) as period,
        'year' as frequency,
        counted.outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        counted.n::double as value,
        counted.affiliations::bigint as n_units,
        known.known_share as coverage,
        true as is_complete,
        'names_matched_by_program' as regime,
        'neurips_affiliations' as source
    from counted
    inner join known on counted.year = known.year
)

select * from final
