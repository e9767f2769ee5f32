-- A country is covered by a table that names it in any field or year: inside the window such a country
-- without a line had no article or patent, and gets 0. A country that the table never names (Hong Kong,
-- Puerto Rico) is not collected and gets no row.
with lines as (
    select * from {{ ref('int_eto_country_years') }}
    where kind <> 'group'
),

outcomes as (
    select
        outcome,
        window_start
    from {{ ref('outcomes') }}
),

measures as (
    select * from {{ ref('int_eto_measures') }}
),

counted as (
    select
        measures.outcome,
        lines.country,
        lines.year,
        sum(lines.value) as value
    from lines
    inner join measures on lines.table_name = measures.table_name and lines.field = measures.field
    group by all
),

covered as (
    select distinct
        table_name,
        country
    from lines
),

years as (
    select
        table_name,
        year,
        bool_and(is_complete) as is_complete
    from lines
    group by all
),

cells as (
    select
        measures.outcome,
        covered.country,
        years.year,
        years.is_complete
    from measures
    inner join outcomes on measures.outcome = outcomes.outcome
    inner join covered on measures.table_name = covered.table_name
    inner join years
        on measures.table_name = years.table_name and outcomes.window_start <= years.year
),

final as (
    select
        cells.country,
        cells.year as period,
        'year' as frequency,
        cells.outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        coalesce(counted.value, 0)::double as value,
        coalesce(counted.value, 0)::bigint as n_units,
        case when cells.is_complete then 1.0::double end as coverage,
        cells.is_complete,
        'publisher_classifier' as regime,
        'eto_country_activity' as source
    from cells
    left join counted
        on
            cells.outcome = counted.outcome
            and cells.country = counted.country
            and cells.year = counted.year
)

select * from final
