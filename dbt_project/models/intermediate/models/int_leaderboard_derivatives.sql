with models as (
    select * from {{ ref('int_leaderboard_models') }}
),

variants as (
    {{ left_out_variants('int_left_out') }}
),

left_out as (
    select * from {{ ref('int_left_out') }}
    where kind = 'family'
),

-- what is left out is counted in the newest version alone
counted as (
    select
        models.base_country as country,
        date_trunc('month', models.created)::date as month,
        models.version,
        models.newest_version,
        variants.left_out,
        count(*) as models
    from models
    cross join variants
    anti join left_out on variants.left_out = left_out.left_out and models.base_family_id = left_out.id
    where
        models.created is not null
        and not models.is_original
        and (variants.left_out is null or models.version = models.newest_version)
    group by all
),

final as (
    select
        country,
        month,
        version,
        newest_version,
        left_out,
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
