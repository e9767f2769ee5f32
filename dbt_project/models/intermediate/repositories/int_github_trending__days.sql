-- The python list alone: the only section (with cpp) that runs through all years, and the only one of
-- these that the JSON archive holds as long as the Markdown archive has holes to fill.
{{ config(materialized='table') }}

with scrapes as (
    select * from {{ ref('stg_github_trending__scrapes') }}
    where language = 'python' and entries > 0
),

markdown as (
    select
        day,
        day as file_day,
        archive,
        entries
    from scrapes
    where archive = 'markdown'
),

-- the JSON list of a day is the Markdown list of the day before
shifted as (
    select
        (day - interval 1 day)::date as day,
        day as file_day,
        archive,
        entries
    from scrapes
    where archive = 'json'
),

final as (
    select * from markdown
    union all
    select shifted.*
    from shifted
    anti join markdown on shifted.day = markdown.day
)

select * from final
