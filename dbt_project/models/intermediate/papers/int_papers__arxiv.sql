{{ config(materialized='table') }}
-- A paper stands under several keywords and in several files. Where its lines give two days, the
-- earlier is the submission and the later a revision; the title is that of the earlier line.
with listings as (
    select * from {{ ref('stg_nlp_arxiv_daily__listings') }}
),

final as (
    select
        'nlp_arxiv_daily:' || arxiv_id as paper_id,
        arxiv_id,
        title,
        listed_date as date,
        url
    from listings
    qualify row_number() over (partition by arxiv_id order by listed_date, source_file, source_row) = 1
)

select * from final
