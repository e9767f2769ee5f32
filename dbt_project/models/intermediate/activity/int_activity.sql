-- One branch a domain: a new outcome's intermediate model is one more `int_activity__<domain>`.
with unioned as (
    {{ union_of('int_activity') }}
),

final as (
    select
        country,
        period,
        frequency,
        outcome,
        left_out,
        vintage,
        is_newest,
        value,
        n_units,
        coverage,
        is_complete,
        regime,
        source
    from unioned
)

select * from final
