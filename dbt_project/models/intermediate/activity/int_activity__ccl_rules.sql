-- The list is complete by construction, so a month without a rule is zero, from the year in which the list took
-- the form it has to the last whole month before the publisher asked. A rule is dated by its publication.
with months as (
    select * from {{ ref('int_policy_months') }}
    where collection = 'ccl'
),

final as (
    select
        'US' as country,
        month as period,
        'month' as frequency,
        'commerce_control_list_rules' as outcome,
        null::varchar as left_out,
        null::date as vintage,
        true as is_newest,
        documents::double as value,
        documents::bigint as n_units,
        1.0::double as coverage,
        is_complete,
        'ccl' as regime,
        'ccl_rules' as source
    from months
)

select * from final
