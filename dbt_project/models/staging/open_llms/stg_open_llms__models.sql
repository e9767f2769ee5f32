with source as (
    select * from {{ source('open_llms', 'models') }}
),

final as (
    select
        {{ one_line('model') }} as model,
        released,
        is_day_known,
        lower(hf_org) as hub_owner,
        lower(github_owner) as owner_login,
        try_cast(parameters_billions as double) * 1e9 as parameters,
        version,
        _row as source_row
    from source
)

select * from final
