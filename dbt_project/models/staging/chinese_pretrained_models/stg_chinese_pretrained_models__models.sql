with source as (
    select * from {{ source('chinese_pretrained_models', 'models') }}
),

final as (
    select
        list,
        trim(replace({{ one_line('model') }}, '*', '')) as model,
        month as released,
        {{ one_line('maker') }} as maker,
        lower(coalesce(hf_org, modelscope_org)) as hub_owner,
        lower(github_owner) as owner_login,
        version,
        _row as source_row
    from source
)

select * from final
