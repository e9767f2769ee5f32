-- EU is a sum over members that have rows of their own: kept, it would count them twice. XK (Kosovo) is no
-- code of ISO 3166-1, so that its values have no certain country.
with git_pushes as (
    select
        economy,
        quarter,
        'git_pushes' as outcome,
        git_pushes as value,
        vintage
    from {{ ref('stg_innovation_graph__git_pushes') }}
),

developers as (
    select
        economy,
        quarter,
        'developers' as outcome,
        developers as value,
        vintage
    from {{ ref('stg_innovation_graph__developers') }}
),

measures as (
    select * from git_pushes
    union all by name
    select * from developers
),

final as (
    select
        case economy when 'XK' then 'ZZ' else economy end as country,
        quarter,
        outcome,
        value,
        vintage,
        max(vintage) over (partition by outcome) as newest_vintage
    from measures
    where economy <> 'EU'
)

select * from final
