with months as (
    select * from {{ ref('int_arxiv_submissions') }}
),

refused_files as (
    select try_cast(regexp_extract(file, '(\d{4}-\d{2})\.jsonl', 1) || '-01' as date) as day
    from {{ source('arxiv', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'arxiv' as source,
        months.month,
        months.sets::bigint as expected,
        months.files::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        (months.files / months.sets)::double as share,
        'files' as unit,
        'oai' as regime,
        nullif(concat_ws(
            '; ',
            case when not months.is_complete then 'papers of it are in files that are not here' end,
            case when months.created_later > 0 then months.created_later || ' with another month of creation' end
        ), '') as note
    from months
    left join refused on months.month = refused.month
)

select * from final
