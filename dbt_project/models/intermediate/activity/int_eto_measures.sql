-- Table and field of each outcome: a new one of this publisher is a line here.
with measures (outcome, table_name, field) as (
    values
    ('ai_articles', 'publications_yearly_articles', 'All'),
    ('llm_articles', 'publications_yearly_articles', 'Large language models'),
    ('ai_patents_granted', 'patents_yearly_granted', 'All'),
    ('ai_patent_applications', 'patents_yearly_applications', 'All')
),

final as (
    select
        outcome,
        table_name,
        field
    from measures
)

select * from final
