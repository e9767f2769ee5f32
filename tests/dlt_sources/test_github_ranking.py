"""Ranking files: wire format, typed columns, short and repeated rows, and what the real files hold."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources.archive import ArchiveError
from dlt_sources.github_ranking import SOURCE
from dlt_sources.sample import github_ranking as sample
from dlt_sources.sample.github_repositories import repositories
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive, query

HEADER = sample.HEADER
ROW = (
    "1,Python,llama.cpp,73000,10500,C++,https://github.com/ggml-org/llama.cpp,ggml-org,700,"
    '2025-02-19T03:10:11Z,"LLM inference, in C/C++\nand a second line \U0001f680"'
)
PATH = "Data/github-ranking-2025-02-19.csv"


def read(root: Path) -> dict[str, pa.Table]:
    return load(SOURCE, root)


def content(*rows: str, end: str = "\n") -> bytes:
    return end.join([HEADER, *rows, ""]).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_row_is_typed_and_dated_by_the_file(make_archive: MakeArchive, end: str) -> None:
    [row] = read(make_archive("github_ranking", {PATH: content(ROW, end=end)}))["rankings"].to_pylist()
    assert row == {
        "observed": date(2025, 2, 19),
        "item": "Python",
        "rank": 1,
        "repo_url": "https://github.com/ggml-org/llama.cpp",
        "stars": 73_000,
        "forks": 10_500,
        "issues": 700,
        "language": "C++",
        "last_commit": datetime(2025, 2, 19, 3, 10, 11, tzinfo=UTC),
        "_source_file": PATH,
        "_row": 1,
    }


def test_the_manifest_says_when_a_file_was_observed(make_archive: MakeArchive) -> None:
    root = make_archive("github_ranking", {"Data/github-ranking-latest.csv": content(ROW)})
    with pytest.raises(ArchiveError, match="observed: is null and the name has no day"):
        read(root)


def test_repeated_rows_are_kept_as_published(make_archive: MakeArchive) -> None:
    rows = read(make_archive("github_ranking", {PATH: content(ROW, ROW.replace("1,", "99,", 1))}))["rankings"]
    assert rows["rank"].to_pylist() == [1, 99]
    assert len(set(rows["repo_url"].to_pylist())) == 1


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("73000", "many", "stars"),
        ("73000", "", "stars"),
        ("10500", "-1", "forks"),
        ("1,Python", "101,Python", "rank"),
        ("2025-02-19T03:10:11Z", "yesterday", "last_commit"),
    ],
)
def test_a_value_that_does_not_convert_is_rejected_not_nulled(
    make_archive: MakeArchive, old: str, new: str, field: str
) -> None:
    tables = read(make_archive("github_ranking", {PATH: content(ROW, ROW.replace(old, new, 1))}))
    assert tables["rankings"].num_rows == 1
    [rejected] = tables["_rejected"].to_pylist()
    assert (rejected["file"], rejected["position"], rejected["field"]) == (PATH, 2, field)


def test_a_renamed_column_stops_the_load(make_archive: MakeArchive) -> None:
    root = make_archive("github_ranking", {PATH: content(ROW).replace(b"stars", b"stargazers", 1)})
    with pytest.raises(ArchiveError, match="column 'stars' is absent"):
        read(root)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    descriptions=st.lists(
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r")), min_size=1, max_size=6
    )
)
def test_no_description_moves_a_cell(make_archive: MakeArchive, descriptions: list[str]) -> None:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER.split(","))
    for rank, text in enumerate(descriptions, start=1):
        writer.writerow(
            [rank, "Python", "b", 5, 3, "", "https://github.com/a/b", "a", 1, "2025-02-19T03:10:11Z", text]
        )
    rows = read(make_archive("github_ranking", {PATH: out.getvalue().encode()}))["rankings"]
    assert rows["rank"].to_pylist() == [*range(1, len(descriptions) + 1)]
    assert rows["language"].null_count == len(descriptions)


def test_sample_has_the_faults_that_are_planted(make_archive: MakeArchive) -> None:
    files = sample.write(World(3))
    assert files == sample.write(World(3))
    tables = read(make_archive("github_ranking", {path: file.data for path, file in files.items()}))
    assert tables["_rejected"].num_rows == 0
    short = query(
        tables,
        "with lists as (select observed, item, count(*) as n from rankings group by all) "
        "select observed from lists group by observed having max(n) = 60 order by observed",
    )
    assert [day for (day,) in short] == [*sample.SHORT]
    days = {row[0] for row in query(tables, "select distinct observed from rankings")}
    assert not [day for day in days if any(start <= day <= end for start, end in sample.GAPS)]
    repeated = query(
        tables,
        "select min(observed), max(observed) from "
        "(select observed from rankings group by observed, item, repo_url having count(*) > 1)",
    )
    assert repeated == [(date(2022, 1, 5), date(2024, 4, 24))]
    by_first_name = {r.names[0][1]: r for r in repositories()}
    first_names = {name: r.names[0][1] for r in repositories() for _, name in r.names}
    shown: dict[str, set[str]] = defaultdict(set)
    for day, url in query(tables, "select distinct observed, repo_url from rankings"):
        name = url.removeprefix("https://github.com/")
        assert by_first_name[first_names[name]].name_on(day) == name
        shown[first_names[name]].add(name)
    assert sum(len(names) > 1 for names in shown.values()) >= 3


@pytest.mark.slow
@pytest.mark.real
def test_real_counts_agree_with_the_published_ones(real_archive: Path) -> None:
    tables = read(real_archive)
    rankings = tables["rankings"]
    assert rankings.num_rows == 1_235_974 and tables["_rejected"].num_rows == 0
    files = query(
        tables, "select year(observed) as y, count(distinct observed) from rankings group by all order by y"
    )
    assert [n for _, n in files] == [2, 52, 53, 41, 52, 52, 43, 51, 33]
    short = query(
        tables,
        "select observed, count(*) from rankings group by observed having count(*) = 2160 order by observed",
    )
    assert [day for day, _ in short] == [date(2022, 6, 1), date(2022, 6, 8), date(2022, 8, 5)]
    repeated = query(
        tables,
        "select count(distinct observed), sum(n - 1) from "
        "(select observed, count(*) as n from rankings group by observed, item, repo_url having n > 1)",
    )
    assert repeated == [(115, 6_697)]
    other_counts = query(
        tables,
        "select count(distinct observed), count(*) from (select observed from rankings "
        "group by observed, repo_url having count(distinct stars) > 1)",
    )
    assert other_counts == [(343, 2_100)]
    floors = query(
        tables,
        """
        with floors as (select item, observed, min(stars) as floor from rankings group by all),
        judged as (
            select item, floor < 0.8 * max(floor) over (
                partition by item order by observed rows between unbounded preceding and 1 preceding
            ) as is_false from floors
        )
        select item, count(*) filter (where is_false) as n from judged
        where item in ('Python', 'CPP', 'Java', 'HTML', 'JavaScript', 'TypeScript', 'Go', 'C', 'Rust')
        group by item order by n desc
        """,
    )
    assert floors == [
        ("JavaScript", 166),
        ("HTML", 116),
        ("Java", 114),
        ("Python", 102),
        ("CPP", 83),
        ("TypeScript", 53),
        ("Go", 37),
        ("C", 31),
        ("Rust", 26),
    ]
