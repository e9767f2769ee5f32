-- Several collections feed one cell: documents are counted once over them, `regime` names those that were open
-- for the jurisdiction in that month (a change of it is a break), `source` those that the documents came from.
with collections as (
    select * from {{ ref('int_policy_collections') }}
    where in_levels
),

months as (
    select * from {{ ref('int_policy_months') }}
    where in_levels
),

documents as (
    select
        documents.document_id,
        documents.counted_as,
        documents.jurisdiction as country,
        date_trunc('month', documents.published)::date as period,
        documents.source
    from {{ ref('int_policy_documents') }} as documents
    inner join collections on documents.collection = collections.collection
    where documents.published between collections.window_start and collections.window_end
),

counted as (
    select
        counted_as,
        country,
        period,
        source,
        'policy_documents' as outcome
    from documents
    union all
    select
        documents.counted_as,
        documents.country,
        documents.period,
        documents.source,
        'policy_documents_' || themes.theme as outcome
    from documents
    inner join {{ ref('int_policy_document_themes') }} as themes on documents.document_id = themes.document_id
),

cells as (
    select
        country,
        period,
        outcome,
        count(distinct counted_as) as n_units,
        string_agg(distinct source, ';' order by source) as source
    from counted
    group by country, period, outcome
),

final as (
    select
        cells.country,
        cells.period,
        'month' as frequency,
        cells.outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        any_value(cells.n_units)::double as value,
        any_value(cells.n_units)::bigint as n_units,
        null::double as coverage,
        bool_and(months.is_complete) as is_complete,
        string_agg(months.collection, '+' order by months.collection) as regime,
        any_value(cells.source) as source
    from cells
    inner join months
        on
            (months.jurisdiction is null or cells.country = months.jurisdiction)
            and cells.period = months.month
    group by cells.country, cells.period, cells.outcome
)

select * from final
