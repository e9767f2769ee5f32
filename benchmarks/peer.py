"""The peer: DuckDB reads the archive's bulky files into tables, and does nothing else."""

import sys

import duckdb

root = sys.argv[1]
con = duckdb.connect()
con.execute(
    f"create table rankings as select * from read_csv('{root}/github_ranking/Data*/*.csv', "
    "union_by_name = true, all_varchar = true, filename = true, strict_mode = false, ignore_errors = true)"
)
con.execute(f"create table trending as select * from read_text('{root}/github_trending/larsbijl/**/*.md')")
con.execute(f"create table lists as select * from read_text('{root}/github_trending/archive/**/*.json')")
con.execute(
    f"create table graph as select * from read_csv('{root}/innovation_graph/vintages/*/data/git_pushes.csv', "
    "filename = true)"
)
con.execute(
    f"create table papers as select * from read_json('{root}/conference_papers/**/*.json', "
    "union_by_name = true, maximum_object_size = 67108864, ignore_errors = true)"
)
con.execute(f"create table titles as select * from read_text('{root}/nlp_arxiv_daily/**/*.json')")
