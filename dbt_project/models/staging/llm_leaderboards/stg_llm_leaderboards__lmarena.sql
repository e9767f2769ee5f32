with source as (
    select * from {{ source('llm_leaderboards', 'lmarena') }}
),

final as (
    select
        board,
        version,
        rank,
        model,
        arena_score,
        votes,
        organization as organisation,
        replace(trim(license), ' ', '-') as licence,
        license is not null and lower(license) <> 'proprietary' as is_licensed,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
