with models as (
    select * from {{ ref('int_leaderboard_models') }}
),

counted as (
    select
        base_country as country,
        date_trunc('month', created)::date as month,
        version,
        newest_version,
        count(*) as models
    from models
    where created is not null and not is_original
    group by all
),

final as (
    select
        country,
        month,
        version,
        newest_version,
        models,
        -- the board took submissions from 2024-06-26 to 2025-03-13
        case
            when month < date '2024-07-01' then 'uploaded_before_the_board_opened'
            when month < date '2025-03-01' then 'board_open'
            else 'board_closed'
        end as regime,
        regime = 'board_open' and month + interval 1 month <= version as is_complete
    from counted
)

select * from final
