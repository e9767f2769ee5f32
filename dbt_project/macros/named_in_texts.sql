{# Model families that a record's texts name, the first place in each text; long texts are not kept. #}
{% macro named_in_texts(source_name) %}
with source as (
    select * from {{ source(source_name, 'mentions') }}
),

final as (
    select
        field,
        text,
        family_id,
        place,
        name,
        snippet,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
{% endmacro %}
