-- One row a model: what a tree holds twice or two trees share is a derivative of the tree in which it stands
-- nearest to the base. The family is that of the tree's base, whatever the model names in between.
with models as (
    select * from {{ ref('stg_hf_model_trees__models') }}
),

bases as (
    select
        tree,
        model as name,
        created
    from models
    where depth = 0
),

families as (
    {{ families_of('bases') }}
),

origins as (
    select
        bases.tree,
        bases.name as base,
        families.family_id,
        coalesce(origin.country, {{ country_on('hubs', 'bases.created') }}) as country
    from bases
    left join families on bases.name = families.name
    left join {{ ref('model_families') }} as origin on families.family_id = origin.family_id
    left join {{ ref('int_hub_owners') }} as hubs on lower(split_part(bases.name, '/', 1)) = hubs.owner
),

final as (
    select
        models.model,
        models.tree,
        models.created,
        coalesce(models.base_model, origins.base) as base_model,
        origins.family_id as base_family_id,
        origins.country as base_country,
        coalesce(models.relation, 'unknown') as relation,
        models.version
    from models
    inner join origins on models.tree = origins.tree
    where models.depth > 0
    qualify row_number() over (partition by lower(models.model) order by models.depth, models.tree) = 1
)

select * from final
