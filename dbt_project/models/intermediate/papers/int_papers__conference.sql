-- Accepted papers only, each once: files list rejected ones and repeat papers. Where the publisher
-- gives no id, a slug of the title stands for it.
with papers as (
    select * from {{ ref('stg_conference_papers__papers') }}
    where not coalesce(regexp_matches(status, '(?i)reject|withdraw'), false)
),

identified as (
    select
        *,
        coalesce(
            published_id, trim(regexp_replace(lower(title), '[^a-z0-9]+', '-', 'g'), '-')
        ) as paper_key
    from papers
),

final as (
    select
        'conference_papers:' || venue || year || '/' || paper_key as paper_id,
        venue,
        year,
        title,
        keywords,
        affiliations,
        affiliation_countries
    from identified
    qualify
        row_number() over (partition by venue, year, paper_key, title order by source_file, source_row) = 1
)

select * from final
