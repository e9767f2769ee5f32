-- A web merge keeps the author's own clock, and a local commit has it unless a server made it. Where the share of
-- +0800 in both, without the servers' +0000, lies within a tenth in fewer than three of four repositories, an
-- offset is no clock any more.
{{ config(severity='warn') }}

with shares as (
    select
        name,
        sum(commits) filter (where is_web) as web,
        sum(commits) filter (where not is_web and utc_offset <> '+0000') as local,
        sum(commits) filter (where is_web and utc_offset = '+0800') / web as web_share,
        sum(commits) filter (where not is_web and utc_offset = '+0800') / local as local_share
    from {{ ref('stg_commit_weeks__commits') }}
    group by name
),

agreement as (
    select
        count(*) as repositories,
        avg((abs(coalesce(web_share, 0) - coalesce(local_share, 0)) <= 0.1)::int) as share_agreeing
    from shares
    where web >= 50 and local >= 50
)

select * from agreement
where share_agreeing < 0.75
