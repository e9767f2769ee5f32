with source as (
    select * from {{ source('github_events', 'hours') }}
),

final as (
    select
        hour at time zone 'UTC' as hour,
        lines,
        bad_lines,
        duplicates,
        bytes,
        is_whole,
        generation,
        engine
    from source
)

select * from final
