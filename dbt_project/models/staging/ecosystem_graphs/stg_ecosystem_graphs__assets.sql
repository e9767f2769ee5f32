with source as (
    select * from {{ source('ecosystem_graphs', 'assets') }}
),

final as (
    select
        {{ one_line('name') }} as asset,
        type,
        {{ one_line('organization') }} as organisations,
        trim(nationality) as nationality,
        created_date as released,
        lower(access) as access,
        {{ stated_parameters('size') }} as parameters,
        version,
        _row as source_row
    from source
)

select * from final
