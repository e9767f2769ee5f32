-- Raw tables in which every check of the raw gate passes; test_gate.py breaks them one by one.

create table "innovation_graph/git_pushes" as
select
    iso2_code, year, quarter, 1000 as git_pushes, vintage, 'vintages/' || vintage || '.csv' as _source_file,
    row_number() over () as _row
from (values ('CN'), ('US'), ('DE')) as economies (iso2_code),
    (values (2022), (2023)) as years (year),
    generate_series(1, 4) as quarters (quarter),
    (values (date '2024-04-08'), (date '2024-07-16')) as vintages (vintage);

create table "github_ranking/rankings" as
select
    observed::date as observed, item, rank, 'https://github.com/o/r' || rank as repo_url,
    2000 - rank as stars, 10 as forks, observed as last_commit, observed::date || '.csv' as _source_file,
    rank as _row
from generate_series(timestamptz '2022-01-05', timestamptz '2022-03-30', interval 7 day) as days (observed),
    (values ('Python'), ('top-100-stars')) as items (item), generate_series(1, 100) as ranks (rank);

create table "github_trending/scrapes" as
select
    day::date as day, 'markdown' as archive, language, 25 as entries, day::date || '.md' as _source_file,
    1 as _row
from generate_series(date '2022-01-01', date '2022-03-31', interval 1 day) as days (day),
    (values ('python'), ('go'), ('cpp')) as languages (language);

create table "eto_country_activity/patents_yearly_granted" as
select
    country, field, year, 10 as num_patent_granted, year < 2020 as complete, 'granted.csv' as _source_file,
    row_number() over () as _row
from (values ('China (mainland)'), ('United States')) as countries (country),
    (values ('All'), ('NLP')) as fields (field), generate_series(2016, 2022) as years (year);

create table "epoch_models/notable_ai_models" as
select
    'model ' || n as model, date '1950-07-02' + n::int as publication_date, 1e9 as parameters, version,
    version || '.csv' as _source_file, n as _row
from generate_series(1, 100) as models (n),
    (values (date '2024-12-24'), (date '2025-12-02')) as versions (version);

create table "nlp_arxiv_daily/listings" as
select
    '2301.0000' || n as arxiv_id, date '2023-01-01' + n::int as date,
    if(n % 2 = 0, 'table', 'list') as line_format, '2023-01.json' as _source_file, n as _row
from generate_series(1, 9) as lines (n);

create table "regulations_gov_bis/pages" as
select
    date '2022-10-13' as query_date, page, 70 as total_elements, if(page = 1, 50, 20) as elements,
    '2022-10-13.json' as _source_file, page as _row
from generate_series(1, 2) as pages (page);

create table "open_llms/models" as
select
    'model ' || n as model, 'org' as hf_org, if(n = 1, 'org', null) as github_owner, 'README.md' as _source_file, n as _row
from generate_series(1, 10) as models (n);

create table "model_registry_dates/first_listings" as
select
    registry, 'org/model-' || n as model_id, date '2024-01-01' as first_day, 'ids.csv' as _source_file, n as _row
from (values ('hiyouga/LLaMA-Factory'), ('modelscope/ms-swift')) as projects (registry),
    generate_series(1, 2) as ids (n);

create table "hf_model_trees/models" as
select 'tree' as tree, 'org/model-' || n as model_id, if(n = 1, 0, 1) as depth, 'tree.csv' as _source_file, n as _row
from generate_series(1, 3) as models (n);

create table "atom_tracked_models/models" as
select 'models' as list, 'org/model-' || n as model_id, version, version || '.csv' as _source_file, n as _row
from generate_series(1, 20) as models (n), (values (date '2026-01-01'), (date '2026-02-01')) as versions (version);

-- one `_rejected` table a source: empty, but for two rows of 2,600
create table "github_ranking/_rejected" as
select
    'github_ranking' as source, 'rankings' as "table", 'x.csv' as file, n as position, 'stars' as field,
    'stars is no bigint' as reason, 'x' as record
from generate_series(1, 2) as lines (n);

create table "innovation_graph/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "github_trending/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "eto_country_activity/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "epoch_models/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "open_llms/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "model_registry_dates/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "hf_model_trees/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "atom_tracked_models/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "nlp_arxiv_daily/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "regulations_gov_bis/_rejected" as select * from "github_ranking/_rejected" limit 0;
create table "us_patents/_rejected" as select * from "github_ranking/_rejected" limit 0;

create table "us_patents/labelled" as
select 'US' || n as number, n > 1 as is_ai, true as has_ai_words, 'labelled.csv' as _source_file, n as _row
from generate_series(1, 20) as patents (n);
