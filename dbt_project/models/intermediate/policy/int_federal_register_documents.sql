-- What two collections hold of the Federal Register, in the shape of `int_policy_documents`: every rule that
-- amends the Commerce Control List, and what an agent found by words.
with ccl as (
    select
        'ccl_rules:' || document_number as document_id,
        'ccl' as collection,
        title,
        'US' as jurisdiction,
        'Bureau of Industry and Security' as issuer,
        published,
        null::date as proposed,
        'enacted' as status,
        title as theme_text,
        title as open_source_text,
        null::boolean as found_in_text,
        'title' as text_read,
        'en' as language,
        url,
        'ccl_rules' as source,
        document_number as federal_register_number,
        0 as tie_break
    from {{ ref('stg_ccl_rules__rules') }}
),

federal_register as (
    select
        'federal_register_posts:' || document_number as document_id,
        'federal_register' as collection,
        title,
        'US' as jurisdiction,
        null::varchar as issuer,
        published,
        null::date as proposed,
        'published' as status,
        concat_ws(' ', title, abstract) as theme_text,
        concat_ws(' ', title, abstract) as open_source_text,
        null::boolean as found_in_text,
        case when abstract is null then 'title' else 'summary' end as text_read,
        'en' as language,
        url,
        'federal_register_posts' as source,
        document_number as federal_register_number,
        0 as tie_break
    from {{ ref('stg_federal_register_posts__documents') }}
),

final as (
    select * from ccl
    union all by name
    select * from federal_register
)

select * from final
