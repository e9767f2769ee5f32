with source as (
    select * from {{ source('agora_policy', 'documents') }}
),

final as (
    select
        agora_id,
        trim(official_name) as title,
        authority,
        lower(most_recent_activity) as status,
        most_recent_activity_date as activity_date,
        proposed_date,
        is_annotated,
        is_validated,
        is_machine_written,
        short_summary,
        long_summary,
        link as url,
        snapshot,
        _source_file as source_file
    from source
)

select * from final
