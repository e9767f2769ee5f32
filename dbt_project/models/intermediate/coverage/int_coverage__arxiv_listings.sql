with months as (
    select * from {{ ref('int_arxiv_months') }}
),

-- the running list has no month in its name: its refused rows count in the last month, the running one
refused_files as (
    select try_cast(regexp_extract(file, '(\d{4}-\d{2})\.json', 1) || '-01' as date) as day
    from {{ source('nlp_arxiv_daily', '_rejected') }}
),

refused as (
    {{ refused_by_month('refused_files', 'months') }}
),

final as (
    select
        'nlp_arxiv_daily' as source,
        months.month,
        null::bigint as expected,
        months.papers::bigint as observed,
        coalesce(refused.rejected, 0)::bigint as rejected,
        null::double as share,
        'documents' as unit,
        months.regime,
        case
            when months.is_running then 'still growing when the list was taken'
            when not months.is_complete then 'fewer keywords than from 2023 on: more papers later are coverage'
        end as note
    from months
    left join refused on months.month = refused.month
)

select * from final
