{{ config(materialized='table') }}
-- A rule holds when its pattern is in the title, nothing that tells of another meaning is, and a rule
-- for an ambiguous word finds its context: words of its own, or any word of the language-model trade.
-- The stem is plain text that spares most titles the regular expressions.
{% set model_words = [
    '\\b(llms?|slms?|mllms?|vlms?|lmms?|language models?|gpt(-?[345]\\w*)?|chatgpt|q?lora|rlhf)\\b',
    '\\b(inference|meta ai|retrieval-augmented)\\b',
    'fine-?tun|instruction[- ]tun|pre-?train|prompt|in-context|few-shot|zero-shot|quanti[sz]|hallucinat',
] %}

with titles as materialized (
    select
        paper_id,
        title,
        lower(title) as lower_title,
        regexp_matches(title, '(?i){{ model_words | join("|") }}') as has_model_words
    from {{ ref('int_papers') }}
),

rules as (
    select * from {{ ref('model_family_mentions') }}
),

candidates as materialized (
    select
        titles.paper_id,
        titles.title,
        rules.family_id,
        rules.pattern,
        rules.unless,
        rules.context,
        (not rules.model_context and rules.context is null)
        or (rules.model_context and titles.has_model_words) as needs_no_context
    from titles
    inner join rules on contains(titles.lower_title, rules.stem)
),

final as (
    select distinct
        paper_id,
        family_id
    from candidates
    where
        (needs_no_context or coalesce(regexp_matches(title, context), false))
        and regexp_matches(title, pattern)
        and not coalesce(regexp_matches(title, unless), false)
)

select * from final
