-- A pattern is lower case and names one family.
select
    family_id,
    pattern
from {{ ref('bridge_model_family_pattern') }}
where pattern != lower(trim(pattern))
union all
select
    min(family_id) as family_id,
    pattern
from {{ ref('bridge_model_family_pattern') }}
group by pattern
having count(distinct family_id) > 1
