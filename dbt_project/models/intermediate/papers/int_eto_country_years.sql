-- Every published line that carries an outcome, with its country. A name that one field and year lists
-- twice stands for two countries (Congo) and is therefore nobody's certain country: ZZ.
with articles as (
    select
        'publications_yearly_articles' as table_name,
        country_name,
        field,
        year,
        articles as value,
        is_complete
    from {{ ref('stg_eto_country_activity__publications_yearly_articles') }}
),

granted as (
    select
        'patents_yearly_granted' as table_name,
        country_name,
        field,
        year,
        patents as value,
        is_complete
    from {{ ref('stg_eto_country_activity__patents_yearly_granted') }}
),

applications as (
    select
        'patents_yearly_applications' as table_name,
        country_name,
        field,
        year,
        applications as value,
        is_complete
    from {{ ref('stg_eto_country_activity__patents_yearly_applications') }}
),

lines as (
    select * from articles
    union all by name
    select * from granted
    union all by name
    select * from applications
),

repeats as (
    select
        *,
        count(*) over (partition by table_name, country_name, field, year) as times
    from lines
),

ambiguous as (
    select
        *,
        max(times) over (partition by table_name, country_name) > 1 as is_ambiguous
    from repeats
),

country_names as (
    select
        name as country_name,
        country,
        kind
    from {{ ref('country_names') }}
),

final as (
    select
        ambiguous.table_name,
        ambiguous.country_name,
        case when ambiguous.is_ambiguous then 'ZZ' else country_names.country end as country,
        coalesce(country_names.kind, 'unmapped') as kind,
        ambiguous.field,
        ambiguous.year,
        ambiguous.value,
        ambiguous.is_complete
    from ambiguous
    left join country_names using (country_name)
)

select * from final
