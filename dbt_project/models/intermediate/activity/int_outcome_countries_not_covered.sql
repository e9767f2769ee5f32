-- Where absence means zero, a source speaks for every country but those that its domain declares. A domain
-- that speaks for some alone says so in its own `int_not_covered__<domain>`; an outcome of any other that
-- lacks a donor fails its test of zeros.
with unioned as (
    {{ union_of('int_not_covered') }}
),

final as (
    select
        outcome,
        country,
        reason
    from unioned
)

select * from final
