-- Posts of one document repeat it; the first by name stands for it.
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
        count(*) as posts
    from source
    group by document_number
)

select * from final
