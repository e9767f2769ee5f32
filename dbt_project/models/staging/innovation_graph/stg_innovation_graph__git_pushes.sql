with source as (
    select * from {{ source('innovation_graph', 'git_pushes') }}
),

final as (
    select
        iso2_code as economy,
        make_date(year::integer, (quarter::integer * 3) - 2, 1) as quarter,
        git_pushes,
        vintage,
        _source_file as source_file
    from source
)

select * from final
