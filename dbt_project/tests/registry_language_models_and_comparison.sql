-- The comparison set is large enough, and holds Chinese repositories from before the first shock.
with repositories as (
    select
        repositories.is_language_model,
        repositories.category = 'machine_learning' as is_comparison,
        organisations.country = 'CN' and repositories.first_observed < date '2022-01-01' as is_early_chinese
    from {{ ref('repositories') }} as repositories
    inner join {{ ref('organisation_names') }} as names
        on names.service = 'github' and names.name = lower(repositories.owner_login)
    inner join {{ ref('organisations') }} as organisations using (organisation_id)
),

counted as (
    select
        count_if(is_language_model) as language_model,
        count_if(is_comparison) as comparison,
        count_if(is_comparison and is_early_chinese) as chinese_before_2022,
        count_if(is_language_model = is_comparison) as wrongly_filed
    from repositories
)

select *
from counted
where language_model < 448 or comparison < 100 or chinese_before_2022 < 15 or wrongly_filed > 0
