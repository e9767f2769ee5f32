-- China alone is treated; the rule maker, places filed under China and the unknown are no donors.
select
    country,
    is_treated,
    is_default_donor
from {{ ref('dim_country') }}
where
    is_treated != (country = 'CN')
    or is_default_donor = (country in ('CN', 'US', 'HK', 'MO', 'TW', 'ZZ'))
union all
select
    'NA' as country,
    null as is_treated,
    null as is_default_donor
where 'Namibia' not in (select name from {{ ref('dim_country') }})
