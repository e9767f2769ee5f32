"""The three panels of repositories: wire formats, typed columns, and the faults of the real files."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources import best_of_ml, commit_weeks, github_ranking_ai
from dlt_sources.archive import ArchiveError
from dlt_sources.sample import best_of_ml as sample_lists
from dlt_sources.sample import commit_weeks as sample_commits
from dlt_sources.sample import github_ranking_ai as sample_rankings
from dlt_sources.sample.world import World
from dlt_sources.tables import Source, load
from tests.dlt_sources.conftest import MakeArchive, query

RUN = "ml-tooling/2022-08-04_projects.csv"
HEADER = (
    ",name,github_id,category,star_count,fork_count,commit_count,closed_issue_count,contributor_count,extra"
)
COMMITS = "repository,week,utc_offset,web_flow,commits,authors"


def read(root: Path, source: Source) -> dict[str, pa.Table]:
    return load(source, root)


def lines(*rows: str) -> bytes:
    return "\n".join([*rows, ""]).encode()


def test_a_project_is_read_by_the_names_of_its_columns(make_archive: MakeArchive) -> None:
    other = ",updated_github_id,star_count,category,github_id,resource"
    root = make_archive(
        "best_of_ml",
        {
            RUN: lines(HEADER, "0,Jieba,fxsjy/jieba,nlp,29758.0,6500.0,500.0,,20.0,x"),
            "dsanr/2026-07-23_projects.csv": lines(other, "0,new/x,5.0,nlp,old/x,", "1,,,nlp,,True"),
        },
    )
    old, new, elsewhere = sorted(
        read(root, best_of_ml.SOURCE)["projects"].to_pylist(), key=lambda row: (row["observed"], row["_row"])
    )
    assert (old["collector"], old["observed"]) == ("ml-tooling", date(2022, 8, 4))
    assert (old["star_count"], old["closed_issue_count"], old["updated_github_id"]) == (29758, None, None)
    assert (new["github_id"], new["updated_github_id"], new["star_count"], new["fork_count"]) == (
        "old/x", "new/x", 5, None,
    )  # fmt: skip
    assert (elsewhere["github_id"], elsewhere["resource"], elsewhere["star_count"]) == (None, True, None)


def test_a_list_without_stars_is_another_layout(make_archive: MakeArchive) -> None:
    root = make_archive("best_of_ml", {RUN: lines(",name,github_id,category", "0,Jieba,fxsjy/jieba,nlp")})
    with pytest.raises(ArchiveError, match=r"best_of_ml/ml-tooling/2022-08-04_projects.csv.*star_count"):
        read(root, best_of_ml.SOURCE)


@given(
    st.one_of(st.integers(0, 10_000_000), st.floats(0, 1e6, allow_nan=False), st.text("ax. -", max_size=5))
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_count_is_whole_or_refused(make_archive: MakeArchive, value: object) -> None:
    root = make_archive("best_of_ml", {RUN: lines(HEADER, f"0,X,o/x,nlp,{value},1.0,1.0,1.0,1.0,")})
    tables = read(root, best_of_ml.SOURCE)
    [*kept] = tables["projects"]["star_count"].to_pylist()
    text = str(value).strip()
    is_whole = text.isdigit() or (text.endswith(".0") and text[:-2].isdigit())
    if is_whole:
        assert kept == [int(float(text))]
    elif str(value):
        assert (kept, tables["_rejected"]["field"].to_pylist()) == ([], ["star_count"])
    else:
        assert kept == [None]


def test_the_other_publishers_rankings_are_read_by_the_same_reader(make_archive: MakeArchive) -> None:
    row = "1,chatGPT,x,5,1,Python,https://github.com/o/x,o,0,2023-05-17T01:02:03Z,text"
    path = "github-ranking-2023-05-18.csv"
    root = make_archive("github_ranking_ai", {path: lines(sample_rankings.HEADER, row)})
    [ranked] = read(root, github_ranking_ai.SOURCE)["rankings"].to_pylist()
    assert (ranked["observed"], ranked["item"], ranked["stars"]) == (date(2023, 5, 18), "chatGPT", 5)
    undated = make_archive(
        "github_ranking_ai", {"github-ranking-new.csv": lines(sample_rankings.HEADER, row)}
    )
    with pytest.raises(ArchiveError, match=r"github_ranking_ai/github-ranking-new\.csv: observed: is null"):
        read(undated, github_ranking_ai.SOURCE)


def test_commits_clocks_and_months(make_archive: MakeArchive) -> None:
    root = make_archive(
        "commit_weeks",
        {
            "commit_weeks.csv": lines(COMMITS, "a/x,2022-08-08,+0800,1,3,2", "a/x,2022-08-08,-0700,0,0,1"),
            "author_months.csv": lines(
                "month,utc_offset,owner_group,distinct_authors", "2022-08,+0800,all,9", "2022-13,+0800,CN,9"
            ),
            "repositories.csv": lines(
                "repo,owner_country,kind,commit,commit_date,commits,bot_commits_left_out,share_plus0800,"
                "share_plus0000,first_week,last_week",
                "a/x,CN,llm,abc,2026-08-18T19:49:47+08:00,3,0,0.917,0.034,2022-08-08,2022-08-08",
            ),
        },
    )
    tables = read(root, commit_weeks.SOURCE)
    [row] = tables["commits"].to_pylist()
    assert (row["week"], row["utc_offset"], row["web_flow"], row["commits"]) == (
        date(2022, 8, 8),
        "+0800",
        True,
        3,
    )
    assert tables["author_months"]["month"].to_pylist() == [date(2022, 8, 1)]
    [snapshot] = tables["repositories"]["commit_date"].to_pylist()
    assert snapshot == datetime.fromisoformat("2026-08-18T11:49:47+00:00")
    refused = sorted(zip(*(tables["_rejected"][c].to_pylist() for c in ("table", "field")), strict=True))
    assert refused == [("author_months", "month"), ("commits", "commits")]


def test_the_sample_holds_the_traps(make_archive: MakeArchive) -> None:
    root = make_archive("commit_weeks", {p: f.data for p, f in sample_commits.write(World(1)).items()})
    commits = load(commit_weeks.SOURCE, root)
    clocks = (
        "select count(*) filter (where utc_offset = '+0000') > 100, "
        "count(distinct utc_offset) filter (where utc_offset in ('-0800', '-0700')) from commits"
    )
    assert query(commits, clocks) == [(True, 2)]
    lists = sample_lists.write(World(1))
    assert sample_lists.OLD_HEADER[:5] == ",name" and len(lists) > 300
    assert {path.split("/")[0] for path in lists} == {"ml-tooling", "dsanr"}
    assert not [path for path in lists if "2024-06-10" < path[-27:-16] < "2024-09-04" and path[0] == "m"]


@pytest.mark.slow
@pytest.mark.real
def test_real_files_as_measured(real_archive: Path) -> None:
    commits, lists = load(commit_weeks.SOURCE, real_archive), load(best_of_ml.SOURCE, real_archive)
    rankings = load(github_ranking_ai.SOURCE, real_archive)
    assert query(commits, "select count(*), sum(commits) from commits") == [(36_176, 221_361)]
    assert query(lists, "select collector, count(distinct observed) from projects group by 1 order by 1") == [
        ("dsanr", 114), ("ml-tooling", 234),
    ]  # fmt: skip
    floors = "select min(stars) as floor, observed from rankings where item = 'LLM' group by observed"
    falls = f"select floor < 0.99 * lag(floor) over (order by observed) as fell from ({floors})"
    assert query(rankings, f"select count(*) from ({falls}) where fell") == [(0,)]
    for tables in (commits, lists, rankings):
        assert tables["_rejected"].num_rows == 0
