"""Trending pages: two archives, failed scrapes, names of the day, and what the real files hold."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources.archive import ArchiveError
from dlt_sources.github_trending import SOURCE
from dlt_sources.sample import github_trending as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive, query

PAGE = "larsbijl/2022/2022-03/2022-03-01.md"
MARKDOWN = """### 2022-03-01

#### python
* [PaddlePaddle/PaddleNLP](https://github.com/PaddlePaddle/PaddleNLP): Easy-to-use NLP library (v2.1): fast
* [a-b/c.d_e](https://github.com/a-b/c.d_e):
* [a-b/c.d_e](https://github.com/a-b/c.d_e): \u8bed\u8a00\u6a21\u578b \u2028 with an odd separator

#### go
* [x/y](https://github.com/x/y): [link](https://example.org): text
"""


def page_json(day: str, language: str | None, names: list[object]) -> bytes:
    return json.dumps({"date": day, "language": language, "list": names}).encode()


def read(root: Path) -> dict[str, pa.Table]:
    return load(SOURCE, root)


def test_markdown_rows_keep_section_order_and_text(make_archive: MakeArchive) -> None:
    tables = read(make_archive("github_trending", {PAGE: MARKDOWN.encode()}))
    rows = tables["markdown_entries"].to_pylist()
    assert [(r["day"], r["language"], r["position"], r["owner_name"]) for r in rows] == [
        (date(2022, 3, 1), "python", 1, "PaddlePaddle/PaddleNLP"),
        (date(2022, 3, 1), "python", 2, "a-b/c.d_e"),
        (date(2022, 3, 1), "python", 3, "a-b/c.d_e"),
        (date(2022, 3, 1), "go", 1, "x/y"),
    ]
    assert [r["description"] for r in rows] == [
        "Easy-to-use NLP library (v2.1): fast",
        None,
        "语言模型 \u2028 with an odd separator",
        "[link](https://example.org): text",
    ]
    assert tables["_rejected"].num_rows == 0


def test_an_empty_file_is_a_scrape_without_entries_not_an_absent_one(make_archive: MakeArchive) -> None:
    tables = read(
        make_archive(
            "github_trending",
            {
                PAGE: b"### 2022-03-01\n",
                "larsbijl/2026-01/2026-01-07.md": b"### 2026-01-07\n\n#### python\n",
                "archive/repository/2025/2025-01-09/go.json": page_json("2025-01-09", "go", []),
                "archive/repository/2025/2025-01-09/(null).json": page_json("2025-01-09", None, ["a/b"]),
                "archive/repository/2025/2025-01-09/c++.json": page_json("2025-01-09", "c++", ["a/b", "c/d"]),
            },
        )
    )
    scrapes = [tuple(r.values())[:4] for r in tables["scrapes"].to_pylist()]
    assert sorted(scrapes, key=str) == [
        (date(2022, 3, 1), "markdown", None, 0),
        (date(2025, 1, 9), "json", "c++", 2),
        (date(2025, 1, 9), "json", "go", 0),
        (date(2025, 1, 9), "json", None, 1),
        (date(2026, 1, 7), "markdown", "python", 0),
    ]
    assert tables["markdown_entries"].num_rows == 0
    assert tables["json_entries"]["position"].to_pylist() == [1, 1, 2]


def test_lines_that_are_no_entry_are_rejected_with_their_place(make_archive: MakeArchive) -> None:
    text = MARKDOWN + "* [no slash](https://github.com/x): text\nstray\n"
    bad = page_json("2022-03-02", "python", ["a/b", "a/b/c", 7])
    root = make_archive(
        "github_trending",
        {PAGE: text.encode(), "archive/repository/2022/2022-03-02/python.json": bad},
    )
    rejected = [(r["table"], r["position"], r["record"]) for r in read(root)["_rejected"].to_pylist()]
    assert rejected == [
        ("json_entries", 2, "a/b/c"),
        ("json_entries", 3, "7"),
        ("markdown_entries", 10, "* [no slash](https://github.com/x): text"),
        ("markdown_entries", 11, "stray"),
    ]


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        (PAGE, b"### 2022-03-02\n", "day: is '2022-03-02', expected '2022-03-01'"),
        (PAGE, b"", "day: is '', expected '2022-03-01'"),
        (PAGE, b"### 2022-03-01\n\xff\n", "not UTF-8"),
        ("archive/repository/2022/2022-03-02/go.json", b'{"date": "2022-03-', "not JSON"),
        (
            "archive/repository/2022/2022-03-02/go.json",
            b'{"date": "2022-03-02"}',
            "expected date, language and list",
        ),
        (
            "archive/repository/2022/2022-03-02/go.json",
            b'{"date": "2022-03-02", "language": ["go"], "list": []}',
            "language: is ['go'], expected text",
        ),
        (
            "archive/repository/2022/2022-03-02/go.json",
            b'{"date": 20220302, "language": "go", "list": []}',
            "date: is 20220302, expected text",
        ),
        (
            "archive/repository/2022/2022-03-02/go.json",
            page_json("2022-03-01", "go", []),
            "day: is '2022-03-01', expected '2022-03-02'",
        ),
    ],
)
def test_broken_pages_stop_with_one_line(
    make_archive: MakeArchive, path: str, content: bytes, says: str
) -> None:
    root = make_archive("github_trending", {path: content})
    with pytest.raises(ArchiveError) as error:
        read(root)
    assert f"archive: github_trending/{path}" in str(error.value)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=st.lists(
        st.tuples(
            st.from_regex(r"[A-Za-z0-9-]{1,12}/[A-Za-z0-9._-]{1,12}", fullmatch=True),
            st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40),
        ),
        max_size=8,
    )
)
def test_any_description_comes_back_as_written(
    make_archive: MakeArchive, entries: list[tuple[str, str]]
) -> None:
    lines = "".join(f"* [{name}](https://github.com/{name}): {text}\n" for name, text in entries)
    root = make_archive("github_trending", {PAGE: f"### 2022-03-01\n\n#### python\n{lines}".encode()})
    table = read(root)["markdown_entries"]
    assert table["owner_name"].to_pylist() == [name for name, _ in entries]
    assert table["description"].to_pylist() == [text.strip() or None for _, text in entries]


def test_sample_is_the_same_for_a_seed_and_shifts_json_by_a_day(make_archive: MakeArchive) -> None:
    files = sample.write(World(3))
    assert files == sample.write(World(3))
    tables = read(make_archive("github_trending", {path: file.data for path, file in files.items()}))
    shifted = query(
        tables,
        """
        select avg((markdown.owner_name = json.owner_name)::int)
        from json_entries as json
        inner join markdown_entries as markdown
            on markdown.day = json.day - interval 1 day and markdown.position = json.position
            and markdown.language = json.language
        """,
    )
    assert shifted == [(1.0,)]
    failed = query(tables, "select count(*) from scrapes where archive = 'markdown' and entries = 0")
    assert failed == [(len(sample.FAILED),)]
    assert tables["_rejected"].num_rows == 0


@pytest.mark.slow
@pytest.mark.real
def test_real_counts_agree_with_the_published_ones(real_archive: Path) -> None:
    tables = read(real_archive)
    # the published table has one entry less in 2019; a name counts once a day and language
    by_year = query(
        tables,
        """
        select year(day) as year, count(distinct (day, language, owner_name)), count(distinct owner_name)
        from markdown_entries where year(day) > 2018 group by all order by year
        """,
    )
    assert by_year == [
        (2019, 38_853, 5_644),
        (2020, 33_069, 5_862),
        (2021, 49_084, 7_078),
        (2022, 52_495, 7_319),
        (2023, 52_676, 7_565),
        (2024, 46_424, 5_961),
        (2025, 40_202, 4_478),
        (2026, 22_630, 3_602),
    ]
    empty = query(
        tables,
        """
        with files as (
            select day, sum(entries) as entries from scrapes where archive = 'markdown' group by day
        )
        select year(day) as year, count(*) from files where entries = 0 group by all order by year
        """,
    )
    assert empty == [(2019, 3), (2020, 4), (2023, 5), (2024, 2), (2025, 1), (2026, 6)]
    days = query(
        tables,
        """
        select count(distinct day) filter (where language = 'python'),
            count(distinct day) filter (where language = 'rust'),
            count(distinct day) filter (where language is null), count(*) filter (where entries = 0)
        from scrapes where archive = 'json'
        """,
    )
    assert days == [(1_688, 1_684, 1_079, 2)]
    shifted = query(
        tables,
        """
        select count(markdown.owner_name) / count(*) from json_entries as json
        left join (
            select distinct day, language, lower(owner_name) as owner_name from markdown_entries
        ) as markdown
            on markdown.day = json.day - interval 1 day and markdown.language = json.language
            and markdown.owner_name = lower(json.owner_name)
        where json.language = 'python' and (json.day - interval 1 day) in (select day from markdown_entries)
        """,
    )
    assert shifted[0][0] > 0.98
    assert tables["_rejected"].num_rows == 0
