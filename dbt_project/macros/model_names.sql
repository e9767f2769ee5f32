{#- Names of models, made comparable. -#}

{#- The line that a model belongs to, in lower-case letters and digits: its name without owner, maker's prefix, size
    and what follows it, and without words on form (base, chat, quantised, date). Qwen2.5-7B-Instruct and Qwen-2.5
    are one line, Qwen2.5-Coder-7B is another. -#}
{% macro model_line(name) -%}
    {%- set forms = 'base|chat|instruct|it|pt|hf|mini|small|medium|large|xl|xxl|tiny|awq|gptq|gguf|ggml|mlx|bnb|int[48]|'
        ~ 'fp8|fp16|bf16|nf4|[48]bits?|[0-9]+k|[0-9]{4,}|v0[.][0-9]|ms' -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(lower(regexp_extract({{ name }}, '[^/]*$')), '([0-9])_([0-9])', '\1.\2', 'g'),
                    '[_ ]+', '-', 'g'
                ),
                '^meta-|-a?[0-9]+(x[0-9]+)?([.][0-9]+)?[bmt](-.*)?$', '', 'g'
            ),
            '(-({{ forms }}))+$', ''
        ),
        '[-.()*\\]+', '', 'g'
    )
{%- endmacro %}

{#- Parameters of a text that states one number of them, null where it states several or none. -#}
{% macro stated_parameters(text) -%}
    try_cast(regexp_extract(trim({{ text }}), '^([0-9]+(?:[.][0-9]+)?) ?([BMT])(?: parameters)?(?: [(][a-z ]*[)])?$', 1) as double)
    * case regexp_extract(trim({{ text }}), '([BMT])(?: parameters)?(?: [(][a-z ]*[)])?$', 1)
        when 'M' then 1e6
        when 'B' then 1e9
        when 'T' then 1e12
    end
{%- endmacro %}

{#- Names and the registered family that each names: the earliest pattern, and of those the longest. A pattern begins
    a word or a hump (BioMistral): "delphi-3" holds no Phi-3. `names` is a relation with a column name. -#}
{% macro families_of(names) -%}
    select
        name,
        family_id
    from (
        select
            names.name,
            patterns.family_id,
            patterns.pattern,
            regexp_extract(names.name, '[^/]*$') as own_part,
            strpos(lower(own_part), lower(patterns.pattern)) as position,
            substr(own_part, position - 1, 1) as letter_before,
            substr(own_part, position, 1) as first_letter
        from {{ names }} as names
        inner join {{ ref('model_family_patterns') }} as patterns
            on contains(lower(regexp_extract(names.name, '[^/]*$')), lower(patterns.pattern))
    )
    where
        position = 1
        or not regexp_matches(letter_before, '[A-Za-z]')
        or (regexp_matches(letter_before, '[a-z]') and regexp_matches(first_letter, '[A-Z]'))
    qualify
        row_number() over (partition by name order by position asc, length(pattern) desc, family_id asc) = 1
{%- endmacro %}
