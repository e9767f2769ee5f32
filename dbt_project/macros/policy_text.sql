{#- Does a text speak of open source or open weights? Intelligence from open sources and the Chinese
    saying "widen sources, cut spending" are not that. -#}
{% macro names_open_source(text) %}
    regexp_matches(
        regexp_replace(
            {{ text }}, '(?i)open[ -]source (intelligence|information)|开源节流|开源情报', '', 'g'
        ),
        '(?i)open[ -]?sourc(e|ed|ing)\b|open[ -]weights?\b|开源'
    )
{% endmacro %}

{#- Is a Chinese title about technology, and of a document itself? Vacancies, budgets and explanations of another
    document stand on the same pages. -#}
{% macro is_technology_policy(title) %}
    regexp_matches(
        {{ title }},
        '数字|数据|互联网|网络|信息化|软件|云计算|智能|智慧|算力|芯片|集成电路|半导体|机器人|区块链|5G|电子|通信'
        || '|科技|科学技术|创新|制造业|高新技术|知识产权|产业链'
    )
    and not regexp_matches(
        {{ title }},
        '答记者问|一图|解读|图解|问答|新闻发布|招聘|招收|招贤|公示|预算|决算|审计|任免|任职|免职|获奖'
    )
{% endmacro %}
