-- The registry knows what a repository became, not what it was that day (PaddleNLP was a library for
-- natural language long before it spoke of language models): it makes an entry machine learning, and
-- only the words of the day make it a language model.
{{ config(materialized='table') }}

with days as (
    select * from {{ ref('int_github_trending__days') }}
),

markdown as (
    select * from {{ ref('stg_github_trending__markdown_entries') }}
),

json as (
    select * from {{ ref('stg_github_trending__json_entries') }}
),

names as (
    select * from {{ ref('int_repository_names') }}
),

owners as (
    select * from {{ ref('int_owner_countries') }}
),

from_markdown as (
    select
        days.day,
        markdown.name,
        markdown.owner_login,
        any_value(markdown.description) as description
    from days
    inner join markdown on days.file_day = markdown.day
    where days.archive = 'markdown' and markdown.language = 'python'
    group by all
),

-- no description in JSON: what the page last said about the repository before that day, never later
from_json as (
    select
        days.day,
        json.name,
        json.owner_login,
        arg_max(earlier.description, earlier.day) as description
    from days
    inner join json on days.file_day = json.day
    left join markdown as earlier
        on json.name = earlier.name and days.day >= earlier.day and earlier.description is not null
    where days.archive = 'json' and json.language = 'python'
    group by all
),

entries as (
    select * from from_markdown
    union all
    select * from from_json
),

worded as (
    select
        entries.*,
        {{ topic_text('name', 'description') }} as words
    from entries
),

final as (
    select
        worded.day,
        worded.name,
        coalesce(names.repository_id, worded.name) as repository,
        worded.owner_login,
        {{ country_on('owners', 'worded.day') }} as country,
        {{ team_country_on('owners', 'worded.day') }} as team_country,
        case
            when {{ matches_topic('worded.words', 'language_model') }} then 'language_model'
            when names.repository_id is not null or {{ matches_topic('worded.words', 'machine_learning') }}
                then 'machine_learning'
            else 'other'
        end as topic
    from worded
    left join names on worded.name = names.name
    left join owners on worded.owner_login = owners.owner_login
)

select * from final
