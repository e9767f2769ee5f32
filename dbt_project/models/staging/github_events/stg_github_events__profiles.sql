with source as (
    select * from {{ source('github_events', 'profiles') }}
),

final as (
    select
        actor,
        if(is_ambiguous, 'ZZ', country) as country,
        is_ambiguous,
        observed
    from source
)

select * from final
