-- Found when the sources were loaded (dlt_sources/model_names.py), by the record that the text is of.
with mentions as (
    select
        'us_patents' as source,
        field,
        family_id,
        source_file,
        source_row
    from {{ ref('stg_us_patents__mentions') }}
    union all by name
    select
        'uspto_patents' as source,
        field,
        family_id,
        source_file,
        source_row
    from {{ ref('stg_uspto_patents__mentions') }}
),

final as (
    select distinct
        patents.document_id,
        mentions.family_id,
        mentions.field as place
    from mentions
    inner join {{ ref('int_patents') }} as patents
        on
            mentions.source = patents.source
            and mentions.source_file = patents.source_file
            and mentions.source_row = patents.source_row
)

select * from final
