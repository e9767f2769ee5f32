with source as (
    select * from {{ source('bmlist', 'models') }}
),

final as (
    select
        {{ one_line('model') }} as model,
        released,
        affiliations,
        {{ stated_parameters('coalesce(parameters_dense, parameters_moe)') }} as parameters,
        model_url is not null as has_model_link,
        version,
        _row as source_row
    from source
)

select * from final
