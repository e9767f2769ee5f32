{{ config(materialized='table') }}
-- One row a model and version of the board: rows of several precisions are one model.
with board as (
    select
        *,
        max(version) over () as newest_version
    from {{ ref('stg_llm_leaderboards__huggingface_v2') }}
    qualify
        row_number() over (
            partition by version, model
            order by upload_date nulls last, precision, source_file, source_row
        ) = 1
),

-- "Removed" is no model, and a model is not its own base: the base is then not stated.
cleaned as (
    select
        *,
        coalesce(base_model like '%(Merge)', false) as has_merge_mark,
        trim(regexp_replace(base_model, '\s*\(Merge\)$', '')) as bare_base
    from board
),

models as (
    select
        version,
        newest_version,
        model,
        model_type,
        model_architecture,
        params_billions,
        case
            when bare_base = 'Removed' or lower(bare_base) = lower(model) then null
            else nullif(bare_base, '')
        end as base_model,
        case
            when weight_type = 'Adapter' then 'adapter'
            when has_merge_mark or is_merged or contains(lower(model_type), 'merge') then 'merge'
            when precision in ('4bit', '8bit', 'GPTQ') then 'quantized'
            when regexp_matches(model_type, '(?i)chat|fine-?tuned|continuously|multimodal') then 'finetune'
            else 'unknown'
        end as relation,
        upload_date,
        -- the hub wrote this day into every repository older than it
        upload_date = date '2022-03-02' as has_fill_date
    from cleaned
),

names as (
    select base_model as name from models
    where base_model is not null
    union
    select model as name from models
),

-- A pattern begins a word, a hump (BioMistral) included: "delphi-3" holds no Phi-3. A data set or a
-- benchmark that has a family's name (alpaca_data, dolly-15k, Nemotron-CC) was not the base.
matches as (
    select
        names.name,
        patterns.family_id,
        patterns.pattern,
        regexp_extract(names.name, '[^/]*$') as own_part,
        strpos(lower(own_part), lower(patterns.pattern)) as position,
        substr(own_part, position - 1, 1) as letter_before,
        substr(own_part, position, 1) as first_letter,
        regexp_matches(
            substr(own_part, position + length(patterns.pattern)),
            '(?i)^[-_. ]*(v?[0-9.]+[-_. ]*)?'
            || '(data(set)?s?|corpus|cc|eval|bench(mark)?|mixture|evol[-_]instruct)([^a-z]|$)'
        ) as names_a_data_set
    from names
    inner join {{ ref('model_family_patterns') }} as patterns
        on contains(lower(regexp_extract(names.name, '[^/]*$')), lower(patterns.pattern))
),

families as (
    select
        name,
        family_id
    from matches
    where
        not names_a_data_set
        and (
            position = 1
            or not regexp_matches(letter_before, '[A-Za-z]')
            or (regexp_matches(letter_before, '[a-z]') and regexp_matches(first_letter, '[A-Z]'))
        )
    qualify
        row_number() over (partition by name order by position asc, length(pattern) desc, family_id asc) = 1
),

-- Weights do not change with the board's version, and the oldest versions round the size: what any
-- version shows of a model, the newest first, holds for all.
fingerprints as (
    select
        models.model,
        arg_max(registered.family_id, models.version) as family_id
    from models
    inner join {{ ref('base_fingerprints') }} as registered
        on
            models.model_architecture = registered.model_architecture
            and models.params_billions = registered.parameters_billions
    group by models.model
),

-- What a model says of its base, then what its weights show, then what it is called.
final as (
    select
        models.version,
        models.newest_version,
        models.model,
        models.model_type,
        models.base_model,
        coalesce(base.family_id, fingerprints.family_id, own.family_id) as base_family_id,
        case
            when base.family_id is not null then 'stated'
            when fingerprints.family_id is not null then 'fingerprint'
            when own.family_id is not null then 'name'
            else 'none'
        end as base_method,
        coalesce(origin.country, 'ZZ') as base_country,
        models.relation,
        -- trained from nothing: a release, nobody's derivative
        models.relation = 'unknown' and models.base_model is null
        and coalesce(regexp_matches(models.model_type, '(?i)pretrained'), false) as is_original,
        models.upload_date,
        coalesce(models.has_fill_date, false) as has_fill_date,
        case when not models.has_fill_date then models.upload_date end as created
    from models
    left join families as base on models.base_model = base.name
    left join families as own on models.model = own.name
    left join fingerprints on models.model = fingerprints.model
    left join {{ ref('model_families') }} as origin
        on coalesce(base.family_id, fingerprints.family_id, own.family_id) = origin.family_id
)

select * from final
