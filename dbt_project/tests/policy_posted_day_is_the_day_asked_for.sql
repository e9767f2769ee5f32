-- The local day of posting is the day in the query; another day means the time zone rule no longer holds.
select
    document_id,
    posted_day,
    query_date
from {{ ref('stg_regulations_gov_bis__documents') }}
where posted_day != query_date
