with source as (
    select * from {{ source('llm_leaderboards', 'huggingface_v2') }}
),

final as (
    select
        version,
        fullname as model,
        base_model,
        model_type,
        -- the board writes a question mark or a word where it does not know
        case when model_architecture not in ('?', 'Unknown') then model_architecture end as model_architecture,
        weight_type,
        precision,
        coalesce(is_merged, not is_not_merged, false) as is_merged,
        upload_date,
        submission_date,
        is_official_provider,
        is_available_on_hub,
        hub_license,
        hub_hearts,
        params_billions,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
