{# Documents in the office's XML, as any source reads them (dlt_sources/patent_documents.py). #}
{% macro patent_documents(source_name) %}
with source as (
    select * from {{ source(source_name, 'documents') }}
),

final as (
    select
        number,
        kind,
        application_type,
        filed,
        published,
        {{ one_line('title') }} as title,
        subclasses,
        countries,
        country_from,
        is_g06n,
        has_ai_words,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
{% endmacro %}
