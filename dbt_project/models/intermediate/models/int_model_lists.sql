-- One row a model and source. A name that its maker gives to two releases is two models, of which the later say
-- their month in the id; a model that stands in two tables of a source in one month is one.
{{ config(materialized='table') }}

with unioned as (
    {{ union_of('int_model_lists') }}
),

named as (
    select
        *,
        coalesce(nullif({{ slug('maker') }}, ''), 'unknown') as maker_slug,
        -- a name in Chinese letters has no slug of its own
        trim(
            concat(
                {{ slug('name') }},
                if(regexp_matches(name, '[^\x{0000}-\x{052F}\x{1E00}-\x{206F}]'), '-' || left(md5(name), 6), '')
            ),
            '-'
        ) as model_slug
    from unioned
),

releases as (
    select
        *,
        dense_rank() over (
            partition by source, maker_slug, model_slug order by date_trunc('month', released) nulls last
        ) as release_number
    from named
    -- where one table states the day and another the month, the day is known
    qualify
        row_number() over (
            partition by source, maker_slug, model_slug, date_trunc('month', released)
            order by date_precision, source_row
        ) = 1
),

final as (
    select
        concat(
            source, ':', maker_slug, '/', model_slug,
            case when release_number > 1 then '-' || coalesce(strftime(released, '%Y-%m'), 'undated') end
        ) as model_id,
        source,
        name,
        {{ model_line('name') }} as model_line,
        organisation_id,
        countries,
        released,
        date_precision,
        is_open_weights,
        parameters,
        source_version,
        first_seen_version
    from releases
)

select * from final
