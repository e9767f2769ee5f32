-- A tag the publisher adds must be given a theme, or none, on purpose. `Applications` say where AI is
-- used, not what a document wants.
{{ config(severity='warn') }}

select distinct tags.tag
from {{ ref('stg_agora_policy__document_tags') }} as tags
left join {{ ref('policy_themes') }} as rules on tags.tag = rules.pattern and rules.basis = 'tag'
where rules.pattern is null and not starts_with(tags.tag, 'Applications:')
