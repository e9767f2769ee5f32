-- A person's model says no country.
with models as (
    select releases.model_id
    from {{ ref('release_fct_model_release') }} as releases
    left join {{ ref('dim_organisation') }} as organisations
        on releases.organisation_id = organisations.organisation_id
    where organisations.kind is distinct from 'person'
),

final as (
    select
        links.model_id,
        links.country
    from {{ ref('bridge_model_release_country') }} as links
    semi join models on links.model_id = models.model_id
)

select * from final
