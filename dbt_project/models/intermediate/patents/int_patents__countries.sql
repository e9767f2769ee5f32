-- Countries of the parties as the document states them; codes of offices and of states that are no more (EP, SU)
-- are no countries.
with patents as (
    select * from {{ ref('int_patents') }}
),

stated as (
    select
        document_id,
        unnest(string_split(countries, ';')) as country
    from patents
),

known as (
    select distinct
        stated.document_id,
        stated.country
    from stated
    inner join {{ ref('countries') }} as countries on stated.country = countries.country
),

final as (
    select
        patents.document_id,
        coalesce(known.country, 'ZZ') as country
    from patents
    left join known on patents.document_id = known.document_id
)

select * from final
