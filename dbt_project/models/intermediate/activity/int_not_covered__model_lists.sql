with final as (
    select
        'listed_chinese_models_released' as outcome,
        country,
        'foreign models enter by the keeper''s interest' as reason
    from {{ ref('countries') }}
    where country not in ('CN', 'ZZ')
)

select * from final
