-- Countries as the publisher states them, a set a paper; ZZ where it states none.
with papers as (
    select * from {{ ref('int_papers__conference') }}
),

stated as (
    select
        paper_id,
        trim(unnest(string_split(affiliation_countries, ';'))) as name
    from papers
),

known as (
    select distinct
        stated.paper_id,
        names.country
    from stated
    inner join {{ ref('country_names') }} as names
        on stated.name = names.name and names.kind = 'country'
),

final as (
    select
        papers.paper_id,
        coalesce(known.country, 'ZZ') as country
    from papers
    left join known on papers.paper_id = known.paper_id
)

select * from final
