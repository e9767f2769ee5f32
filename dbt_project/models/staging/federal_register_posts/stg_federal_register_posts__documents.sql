-- Posts of one document repeat it; the first by name stands for it, and the Federal Register's own record before it.
with source as (
    select * from {{ source('federal_register_posts', 'posts') }}
),

final as (
    select
        document_number,
        arg_min(title, _source_file) as title,
        arg_min(abstract, _source_file) as abstract,
        arg_min(published, _source_file) as published,
        arg_min(url, _source_file) as url,
        arg_min(type, _source_file) as type,
        arg_min(agencies, _source_file) as agencies,
        arg_min(cfr_parts, _source_file) as cfr_parts,
        arg_min(effective, _source_file) as effective,
        count(*) filter (where _source_file like 'posts/%') as posts
    from source
    group by document_number
)

select * from final
