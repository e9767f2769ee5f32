-- Absence of a young family says little: patents are published long after they were written. So each family is held
-- against four that patents are known to name (BERT, GPT-2, T5, Llama), at the same age and by the same search.
with families as (
    select
        family_id,
        country,
        first_release,
        family_id in ('bert', 'gpt-2', 't5', 'llama') as is_reference
    from {{ ref('model_families') }}
    where first_release is not null
),

patents as (
    select
        document_id,
        kind,
        published
    from {{ ref('int_patents') }}
    where source = 'uspto_patents' and is_ai
),

named as (
    select distinct
        document_id,
        family_id
    from {{ ref('int_patents__mentions') }}
),

days as (
    select
        kind,
        published,
        count(*) as documents
    from patents
    group by all
),

naming_days as (
    select
        patents.kind,
        patents.published,
        named.family_id,
        count(*) as documents
    from patents
    inner join named on patents.document_id = named.document_id
    group by all
),

cells as (
    select
        families.family_id,
        families.country,
        families.is_reference,
        days.kind,
        date_sub('month', families.first_release, days.published) // 12 as age_years,
        sum(days.documents)::bigint as documents,
        coalesce(sum(naming_days.documents), 0)::bigint as naming_documents
    from families
    inner join days on families.first_release <= days.published
    left join naming_days
        on
            families.family_id = naming_days.family_id
            and days.kind = naming_days.kind
            and days.published = naming_days.published
    group by all
),

-- of the other references, so that none is held against itself
compared as (
    select
        cells.*,
        sum(others.naming_documents) / sum(others.documents)::double as reference_share
    from cells
    left join cells as others
        on
            cells.kind = others.kind
            and cells.age_years = others.age_years
            and others.is_reference
            and cells.family_id <> others.family_id
    group by all
),

final as (
    select
        family_id,
        country,
        kind,
        age_years::integer as age_years,
        documents,
        naming_documents,
        naming_documents / documents::double as share,
        reference_share,
        -- a family named in this share of documents would be in one of these with 95 % probability
        1 - pow(0.05, 1.0 / documents) as visible_share,
        case
            when naming_documents > 0 then 'named'
            when reference_share >= 1 - pow(0.05, 1.0 / documents) then 'absent'
            else 'not identified'
        end as verdict
    from compared
)

select * from final
