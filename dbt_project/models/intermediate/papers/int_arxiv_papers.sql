{{ config(materialized='table') }}
-- A paper counts by its newest record, in whichever set and month it stands; one that was taken back is gone.
with records as (
    select * from {{ ref('stg_arxiv__papers') }}
),

newest as (
    select *
    from records
    qualify row_number() over (partition by arxiv_id order by changed desc, source_file desc) = 1
),

final as (
    select
        arxiv_id,
        submitted_month,
        title,
        categories,
        list_has_any(string_split(categories, ' '), ['cs.CL', 'cs.LG']) as is_language_or_learning,
        date_trunc('month', created) <> submitted_month as is_created_later,
        source_file,
        source_row
    from newest
    where not is_deleted
)

select * from final
