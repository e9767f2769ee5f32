-- The documents of one side of a comparison, by month, quarter and year; and whether the period is complete:
-- every month of it is, and it holds documents enough for a share.
{% set fewest = 5 %}
with sides as (
    select * from {{ ref('policy_comparisons') }}
),

collections as (
    select * from {{ ref('int_policy_collections') }}
),

frequencies as (
    select
        lengths.frequency,
        lengths.months
    from (values ('month', 1), ('quarter', 3), ('year', 12)) as lengths (frequency, months)
),

months as (
    select * from {{ ref('int_policy_months') }}
),

periods as (
    select
        sides.comparison,
        sides.country,
        sides.collection,
        frequencies.frequency,
        date_trunc(frequencies.frequency, months.month)::date as period,
        count(*) = any_value(frequencies.months) and bool_and(months.is_complete) as is_covered
    from sides
    inner join months on sides.collection = months.collection
    cross join frequencies
    group by all
),

documents as (
    select
        documents.*,
        collections.window_start,
        collections.window_end
    from {{ ref('int_policy_documents') }} as documents
    inner join collections on documents.collection = collections.collection
    where documents.published between collections.window_start and collections.window_end
),

counted as (
    select
        sides.comparison,
        sides.country,
        sides.basis,
        frequencies.frequency,
        date_trunc(frequencies.frequency, documents.published)::date as period,
        documents.document_id,
        documents.counted_as,
        documents.source
    from sides
    inner join documents
        on
            sides.collection = documents.collection
            and sides.country = documents.jurisdiction
            and (sides.basis = 'word' or documents.text_read = 'text')
    cross join frequencies
),

themes as (
    select distinct theme
    from {{ ref('policy_themes') }}
    where theme is not null
),

hits as (
    select * from {{ ref('int_policy_theme_hits') }}
),

shares as (
    select
        counted.comparison,
        counted.country,
        counted.frequency,
        counted.period,
        themes.theme,
        any_value(counted.source) as source,
        count(distinct counted.counted_as) as documents,
        count(distinct counted.counted_as) filter (where hits.theme is not null) as with_theme
    from counted
    cross join themes
    left join hits
        on
            counted.document_id = hits.document_id
            and counted.basis = hits.basis
            and themes.theme = hits.theme
    group by all
),

final as (
    select
        shares.comparison,
        shares.country,
        shares.frequency,
        shares.period,
        shares.theme,
        periods.collection,
        shares.documents::bigint as documents,
        shares.with_theme::bigint as with_theme,
        (shares.with_theme / shares.documents)::double as share,
        periods.is_covered and shares.documents >= {{ fewest }} as is_complete,
        shares.source
    from shares
    inner join periods
        on
            shares.comparison = periods.comparison
            and shares.country = periods.country
            and shares.frequency = periods.frequency
            and shares.period = periods.period
)

select * from final
