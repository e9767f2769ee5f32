with source as (
    select * from {{ source('acl_anthology_affiliations', 'affiliations') }}
),

final as (
    select
        paper,
        author as author_place,
        affiliation,
        {{ affiliation_key('affiliation') }} as affiliation_key,
        _source_file as source_file,
        _row as source_row
    from source
)

select * from final
