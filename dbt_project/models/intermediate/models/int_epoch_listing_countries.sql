-- The country column repeats a country for each of its organisations: a set, not a list. What names no
-- country at all, or only "Multinational", is ZZ; beside a certain country "Multinational" adds nothing.
with listings as (
    select
        source_file,
        source_row,
        country_names
    from {{ ref('int_epoch_listings') }}
),

entries as (
    select
        source_file,
        source_row,
        trim(unnest(string_split(coalesce(country_names, 'Unknown'), ','))) as name
    from listings
),

named as (
    select distinct
        entries.source_file,
        entries.source_row,
        country_names.country
    from entries
    left join {{ ref('country_names') }} as country_names on entries.name = country_names.name
),

final as (
    select
        source_file,
        source_row,
        country
    from named
    qualify
        country is null
        or country <> 'ZZ'
        or count(*) filter (where country <> 'ZZ') over (partition by source_file, source_row) = 0
)

select * from final
