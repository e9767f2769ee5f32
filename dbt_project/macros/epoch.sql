{# One of Epoch's lists: they differ in scope, not in columns. #}
{% macro epoch_list(list) %}
with source as (
    select * from {{ source('epoch_models', list) }}
),

final as (
    select
        '{{ list }}' as list,
        version,
        _source_file as source_file,
        _row as source_row,
        {{ one_line('model') }} as model,
        {{ one_line('organization') }} as organisation,
        {{ one_line('country') }} as country_names,
        publication_date as published,
        model_accessibility as accessibility,
        parameters,
        training_compute_flop,
        {{ one_line('base_model') }} as base_model
    from source
)

select * from final
{% endmacro %}
