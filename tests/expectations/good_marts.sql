-- Marts in which every check of the marts gate passes; test_gate.py breaks them one by one.

create table dim_country as
select * from (values ('CN', true, false), ('US', false, false), ('ZZ', false, false)) as named (country, is_treated, is_default_donor)
union all select 'D' || n, false, true from generate_series(1, 19) as donors (n);

create table dim_month as
select month::date as month, 2::bigint as cn_holiday_days
from generate_series(date '2019-01-01', date '2026-12-01', interval 1 month) as months (month);

create table dim_outcome as
select * from (values
    ('open_models_notable', 'count', 'true_zero', date '2019-01-01', date '2025-12-01'),
    ('title_mention_share', 'share', 'truncated', date '2023-01-01', date '2025-12-01'),
    ('policy_documents', 'count', 'truncated', date '2021-01-01', date '2025-12-01'),
    ('policy_documents_compute', 'count', 'truncated', date '2021-01-01', date '2025-12-01'),
    ('git_pushes', 'count', 'suppressed', date '2020-01-01', date '2025-07-01'),
    ('ai_articles', 'count', 'true_zero', date '2016-01-01', date '2024-01-01')
) as outcomes (outcome, family, zero_rule, window_start, window_end);

create table dim_event as
select
    'event-' || n as event_id, n <= 4 as is_shock, date '2022-10-07' as announced,
    date '2022-10-13' as published, date '2022-10-07' as effective, date '2022-10-21' as compliance_deadline
from generate_series(1, 9) as events (n);

create table dim_organisation as
select 'org-' || n as organisation_id, if(n <= 4, 'ZZ', 'CN') as country, 'registry' as source
from generate_series(1, 10) as organisations (n);

create table fct_activity_country_month as
select
    country, month, outcome,
    if(outcome = 'title_mention_share', 1.0, if(country = 'ZZ', 100.0, 100.0 + month(month))) as value,
    3::bigint as n_units, 1.0::double as coverage, true as is_complete, 'one' as regime, 'a_source' as source
from dim_country,
    (select month from dim_month where month between '2023-01-01' and '2024-12-01'),
    (select outcome from dim_outcome where outcome not in ('git_pushes', 'ai_articles'));

create table fct_activity_country_quarter as
select * replace ('git_pushes' as outcome) rename (month as quarter)
from fct_activity_country_month where outcome = 'open_models_notable' and month(month) in (1, 4, 7, 10);

create table fct_activity_country_year as
select * replace ('ai_articles' as outcome) rename (month as year)
from fct_activity_country_month where outcome = 'open_models_notable' and month(month) = 1;

create table fct_activity_country_vintage as
select
    country, quarter as period, 'quarter' as frequency, outcome, vintage,
    if(vintage = '2025-01-23', value, value - 1) as value, is_complete, source
from fct_activity_country_quarter, (values (date '2024-12-31'), (date '2025-01-23')) as vintages (vintage);

create table fct_activity_left_out as
select
    country, month as period, 'month' as frequency, outcome, 'deepseek' as left_out,
    if(country = 'CN', 0.75 * value, value) as value, n_units, is_complete, regime, source
from fct_activity_country_month where outcome in ('open_models_notable', 'title_mention_share');

create table fct_source_coverage as
select
    'a_source' as source, month, 4::bigint as expected, 4::bigint as observed, 0::bigint as rejected,
    1.0::double as share, 'documents' as unit
from dim_month where year(month) between 2023 and 2024;

create table fct_repository_week as
select
    'owner/repository' || n as repository_id, 'CN' as country, 'owner' as country_method, week::date as week, 10::bigint as stars, 1::bigint as forks,
    100::bigint as stars_total, 10::bigint as forks_total, true as is_complete, 'github_ranking' as source
from generate_series(1, 3) as repositories (n),
    generate_series(date '2022-01-03', date '2022-12-26', interval 7 day) as weeks (week);

create table fct_origin_share as
select
    date '2022-01-01' as quarter, country, 'star' as event, 1000 * share as events, 1000 as all_events, share,
    graph_share
from (values ('CN', 0.5, 0.1), ('US', 0.5, 0.9)) as shares (country, share, graph_share);

create table fct_model_release as
select
    'epoch_models:model-' || n as model_id, date '2023-01-01' as released, 7e9::double as parameters,
    'epoch_models' as source, date '2023-01-01' as source_version
from generate_series(1, 5) as models (n);

create table bridge_model_release_country as
select model_id, country from fct_model_release, (values ('CN'), ('US')) as countries (country);

create table fct_model_derivative as
select
    'llm_leaderboards:' || n as derivative_id, date '2024-05-01' as created,
    if(n <= 3, 'ZZ', 'CN') as base_country, 'llm_leaderboards' as source
from generate_series(1, 10) as derivatives (n);

create table fct_policy_document as
select
    'agora_policy:' || n as document_id, date '2023-05-01' as proposed, date '2023-05-01' as published,
    'agora_policy' as source
from generate_series(1, 5) as documents (n);

create table bridge_policy_document_theme as
select document_id, 'other' as theme from fct_policy_document;

create table dim_repository as
select 'owner/repository' || n as repository_id, if(n <= 10, 'ZZ', 'CN') as country, date '2021-12-31' as first_observed
from generate_series(1, 20) as repositories (n);

create table fct_paper as
select
    'nlp_arxiv_daily:' || n as paper_id, if(n > 1000, 'venue', 'submitted') as date_kind, 'acl' as venue,
    date '2023-05-01' as date
from generate_series(1, 1100) as papers (n);

create table bridge_paper_country as
select paper_id, 'CN' as country from fct_paper where date_kind = 'venue' limit 40;

create table bridge_paper_mention as select paper_id, 'qwen' as family_id from fct_paper;

create table fct_patent as
select
    'us_patents:' || n as document_id, date '2022-03-01' as filed, date '2023-05-01' as published,
    'us_patents' as source
from generate_series(1, 20) as patents (n);

create table bridge_patent_country as select document_id, 'ZZ' as country from fct_patent;

create table bridge_patent_mention as select document_id, 'bert' as family_id, 'claims' as place from fct_patent;

create table dim_model_family as select 'bert' as family_id, date '2018-10-31' as first_release;
