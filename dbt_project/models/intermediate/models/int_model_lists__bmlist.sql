-- A country of any affiliation counts once; what the registry does not know adds ZZ only where nothing is known.
with models as (
    select * from {{ ref('stg_bmlist__models') }}
),

affiliations as (
    select
        source_row,
        released,
        unnest(string_split(affiliations, '; ')) as name,
        generate_subscripts(string_split(affiliations, '; '), 1) as position
    from models
),

placed as (
    select
        affiliations.source_row,
        affiliations.name as affiliation,
        words.organisation_id,
        {{ country_on('words', 'affiliations.released') }} as country
    from affiliations
    inner join {{ ref('int_organisation_words') }} as words on lower(affiliations.name) = words.name
),

makers as (
    select
        affiliations.source_row,
        arg_min(affiliations.name, affiliations.position) as maker,
        arg_min(words.organisation_id, affiliations.position) filter (where words.organisation_id is not null)
            as organisation_id,
        list(distinct words.country) filter (where words.country <> 'ZZ') as countries
    from affiliations
    left join placed as words on affiliations.source_row = words.source_row and affiliations.name = words.affiliation
    group by affiliations.source_row
),

final as (
    select
        'bmlist' as source,
        models.source_row,
        makers.maker,
        models.model as name,
        makers.organisation_id,
        coalesce(makers.countries, ['ZZ']) as countries,
        models.released,
        'day' as date_precision,
        nullif(models.has_model_link, false) as is_open_weights,
        models.parameters,
        models.version as source_version,
        models.version as first_seen_version
    from models
    inner join makers on models.source_row = makers.source_row
)

select * from final
