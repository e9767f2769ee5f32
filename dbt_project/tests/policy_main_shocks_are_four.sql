-- The replicated paper has four shocks; an estimate that names them must find exactly these.
with found as (
    select event_id
    from {{ ref('dim_event') }}
    where is_shock
),

declared as (
    select unnest([
        'chips-and-science-act-2022-08',
        'bis-advanced-computing-rule-2022-10-07',
        'bis-acs-rule-2023-10-17',
        'bis-hbm-sme-package-2024-12-02'
    ]) as event_id
)

select event_id
from found
full outer join declared using (event_id)
where found.event_id is null or declared.event_id is null
