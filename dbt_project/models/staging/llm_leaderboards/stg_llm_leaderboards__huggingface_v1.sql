with source as (
    select * from {{ source('llm_leaderboards', 'huggingface_v1') }}
),

final as (
    select
        version,
        fullname as model,
        -- without the emoji that stands before the words
        trim(regexp_replace(model_type, '^[^a-zA-Z]+', '')) as model_type,
        weight_type,
        precision,
        not is_not_merged as is_merged,
        submitted,
        hub_license,
        hub_hearts,
        params_billions,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
