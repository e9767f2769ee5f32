with source as (
    select * from {{ source('arxiv', 'papers') }}
),

final as (
    select
        arxiv_id,
        category,
        submitted_month,
        created,
        updated,
        datestamp as changed,
        categories,
        trim(title) as title,
        is_deleted,
        try_cast(regexp_extract(_source_file, '(\d{4}-\d{2})\.jsonl', 1) || '-01' as date) as changed_month,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
