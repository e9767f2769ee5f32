-- One branch a domain, as in the activity facts.
with unioned as (
    {{ union_of('int_coverage') }}
),

final as (
    select
        source,
        month,
        expected,
        observed,
        rejected,
        share,
        unit,
        regime,
        note
    from unioned
)

select * from final
