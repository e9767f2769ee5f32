{#-
    What a repository is about, by the words that stood on the page: the one place of these rules.
    Patterns meet text in lower case with `-`, `_`, `.` and `/` as spaces (`topic_text`). Words with
    another common meaning are out unless something beside them settles it: bare `openai` (its Gym),
    `alpaca` (a trading interface), `gemini` (an exchange), `agent`, `prompt`, `copilot`; `bert` is
    machine learning here, and the registry says which BERT repositories belong to language models.
-#}
{% macro topic_pattern(topic) -%}
    {%- set words = {
        'language_model': [
            '\\b[mv]?llms?\\b', 'language models?\\b', 'gpt', 'llama', 'langchain', '\\b(chat)?glm[0-9]*\\b',
            'deepseek', '\\bqwen', '\\bmistral\\b', '\\bvicuna\\b', '\\bclaude\\b', '\\bopenai (api|compatible|codex)\\b',
            '\\bgemini (cli|pro|api|models?)\\b', '\\b(ai|autonomous|coding) (coding )?agents?\\b', '\\bagentic\\b',
            '\\brag\\b', 'retrieval augmented', 'model context protocol', '\\bmcp servers?\\b', '大模型', '语言模型',
        ],
        'machine_learning': [
            'machine learning', 'deep ?learning', 'neural', 'reinforcement learning', 'pytorch', 'tensorflow', 'keras',
            'artificial intelligence', '\\b(ai|ml)\\b', '\\btransformers?\\b', '\\bbert\\b', 'diffusion', '\\bgans?\\b',
            'computer vision', 'object detection', 'segmentation', '\\bnlp\\b', 'natural language', '\\btts\\b', '\\bocr\\b',
            'speech (recognition|synthesis)', 'text to (speech|image|video)', '\\byolo', '\\bcnns?\\b', 'deepfakes?\\b',
            'generative', '机器学习', '深度学习', '神经网络', '人工智能',
        ],
    } -%}
    {{- words[topic] | join('|') -}}
{%- endmacro %}

{% macro topic_text(name, description) -%}
    regexp_replace(lower(concat_ws(' ', split_part({{ name }}, '/', 2), {{ description }})), '[-_./]+', ' ', 'g')
{%- endmacro %}

{% macro matches_topic(text, topic) -%}
    regexp_matches({{ text }}, '{{ topic_pattern(topic) }}')
{%- endmacro %}

{#- Whether a paper's words speak of doing more with less computing. Efficient with data or labels is another
    subject than efficient with computers. -#}
{% macro is_efficiency(words) -%}
    {%- set efficiency_words = [
        'efficien(t|tly|cy)', 'quanti[sz](ed|ing|ation)', 'pruning', 'pruned', 'low-bit',
        '(knowledge )?distill(ed|ing|ation)', 'lightweight', '(model|network|kv cache) compression',
        'accelerat(ed|ing|ion)', 'speculative decoding', 'low-rank adapt\\w*', 'mixture[- ]of[- ]experts',
        'on-device', 'edge devices?', 'memory footprint', 'inference (speed|cost|latency)',
    ] -%}
    regexp_matches(
        regexp_replace(
            {{ words }}, '(?i)(sample|data|label|annotation|query|communication)[- ]efficien\w*', '', 'g'
        ),
        '(?i)\b({{ efficiency_words | join("|") }})\b'
    )
{%- endmacro %}
