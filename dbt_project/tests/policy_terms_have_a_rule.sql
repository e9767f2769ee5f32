-- A word that the reader of full texts looks for must be given a theme.
select distinct hits.term
from {{ ref('stg_agora_fulltext__term_hits') }} as hits
left join {{ ref('policy_themes') }} as rules on hits.term = rules.pattern and rules.basis = 'term'
where rules.pattern is null
