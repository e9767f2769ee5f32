-- The registry's country goes before the publisher's word, which calls Mistral American; what was settled by hand
-- goes before both. Use limited to an interface or to request says nothing certain on weights.
with models as (
    select * from {{ ref('stg_ecosystem_graphs__assets') }}
    where type = 'model'
),

stated as (
    select
        source_row,
        trim(unnest(string_split(nationality, '/'))) as name
    from models
),

nationalities as (
    select
        stated.source_row,
        list(distinct names.country) filter (where names.country <> 'ZZ') as countries
    from stated
    left join {{ ref('country_names') }} as names on stated.name = names.name
    group by stated.source_row
),

placed as (
    select
        models.source_row,
        words.organisation_id,
        {{ country_on('words', 'models.released') }} as country
    from models
    inner join {{ ref('int_organisation_words') }} as words on lower(models.organisations) = words.name
),

final as (
    select
        'ecosystem_graphs' as source,
        models.source_row,
        split_part(models.organisations, ',', 1) as maker,
        models.asset as name,
        case
            when words.country = coalesce(settled.settled, words.country) then words.organisation_id
        end as organisation_id,
        case
            when coalesce(settled.settled, words.country) is not null then [coalesce(settled.settled, words.country)]
            else coalesce(nationalities.countries, ['ZZ'])
        end as countries,
        models.released,
        case when models.released is not null then 'day' end as date_precision,
        case models.access when 'open' then true when 'closed' then false end as is_open_weights,
        models.parameters,
        models.version as source_version,
        models.version as first_seen_version
    from models
    left join nationalities on models.source_row = nationalities.source_row
    left join placed as words on models.source_row = words.source_row
    left join {{ ref('country_disagreements') }} as settled
        on settled.source = 'ecosystem_graphs' and lower(models.organisations) = settled.name
)

select * from final
