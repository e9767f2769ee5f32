"""NLP arXiv Daily: two line formats in one file, separators in titles, counts on the real lists."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources.archive import ArchiveError
from dlt_sources.nlp_arxiv_daily import SOURCE
from dlt_sources.sample import nlp_arxiv_daily as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

LIST = "archive-web/2023-06.json"
ROW = (
    "|**2023-06-01**|**{}**|Weisen Jiang et.al.|[2306.00618v1](http://arxiv.org/abs/2306.00618v1)|"
    "**[link](https://github.com/ws-jiang/metaprompter_public)**|\n"
)
ITEM = (
    "- 2023-05-31, **{}**, Skyler Wang et.al., Paper: "
    "[http://arxiv.org/abs/2306.00227v2](http://arxiv.org/abs/2306.00227v2)\n"
)


def listing(make_archive: MakeArchive, content: object) -> dict[str, pa.Table]:
    return load(SOURCE, make_archive("nlp_arxiv_daily", {LIST: json.dumps(content).encode()}))


def test_both_line_formats_of_one_file(make_archive: MakeArchive) -> None:
    content = {
        "NLP": {"2306.00618": ROW.format("A Verbalizer")},
        "LLM": {"2306.00227": ITEM.format("ChatGPT")},
    }
    rows = listing(make_archive, content)["listings"].to_pylist()
    assert [
        (r["arxiv_id"], r["keyword"], r["date"], r["title"], r["has_code"], r["line_format"], r["_row"])
        for r in rows
    ] == [
        ("2306.00618", "NLP", date(2023, 6, 1), "A Verbalizer", True, "table_row", 1),
        ("2306.00227", "LLM", date(2023, 5, 31), "ChatGPT", False, "list_item", 2),
    ]
    assert rows[1]["url"] == "http://arxiv.org/abs/2306.00227v2"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(st.sampled_from("ab |*,:[]()$-"), min_size=1, max_size=12).filter(lambda t: t.strip()))
def test_any_title_survives_either_format(make_archive: MakeArchive, title: str) -> None:
    content = {"NLP": {"1": ROW.format(title), "2": ITEM.format(title)}}
    tables = listing(make_archive, content)
    assert [row["title"] for row in tables["listings"].to_pylist()] == [title, title]
    assert tables["_rejected"].num_rows == 0


def test_a_line_of_another_shape_is_rejected_with_its_position(make_archive: MakeArchive) -> None:
    content = {"NLP": {"1": ITEM.format("Kept"), "2": "* a third format\n", "3": ITEM.format("Kept")}}
    tables = listing(make_archive, content)
    (rejected,) = tables["_rejected"].to_pylist()
    assert (rejected["file"], rejected["position"], rejected["field"]) == (LIST, 2, "line")
    assert tables["listings"].num_rows == 2


def test_a_day_that_is_none_is_rejected(make_archive: MakeArchive) -> None:
    content = {"NLP": {"1": ITEM.format("Kept").replace("2023-05-31", "2023-02-30")}}
    (rejected,) = listing(make_archive, content)["_rejected"].to_pylist()
    assert (rejected["field"], rejected["reason"]) == ("date", "is no date")


def test_a_third_format_everywhere_stops_the_load(make_archive: MakeArchive) -> None:
    content = {"NLP": {str(n): "* a third format\n" for n in range(20)}}
    with pytest.raises(ArchiveError, match=r"2023-06\.json: 20 of 20 rows rejected"):
        listing(make_archive, content)


@pytest.mark.parametrize("content", [[1], {"NLP": ["line"]}, {"NLP": {"1": 2}}])
def test_another_layout_is_one_clear_line(make_archive: MakeArchive, content: object) -> None:
    with pytest.raises(ArchiveError, match=r"2023-06\.json: expected \{keyword: \{arXiv id: line\}\}"):
        listing(make_archive, content)


def test_the_sample_plants_its_traps(make_archive: MakeArchive) -> None:
    files = sample.write(World(1))
    tables = load(SOURCE, make_archive("nlp_arxiv_daily", {path: w.data for path, w in files.items()}))
    listings = tables["listings"]
    assert tables["_rejected"].num_rows == 0
    assert set(listings["line_format"].unique().to_pylist()) == {"table_row", "list_item"}
    papers = listings["arxiv_id"].unique()
    assert len(papers) < listings.num_rows
    days = listings.group_by("arxiv_id").aggregate([("date", "count_distinct")])
    assert pc.max(days["date_count_distinct"]).as_py() == 2
    assert any("|" in title for title in listings["title"].to_pylist())
    assert sum(len(w.data) for w in files.values()) < 2_500_000
    assert files == sample.write(World(1))


@pytest.mark.real
def test_counts_on_the_real_lists(real_archive: Path) -> None:
    tables = load(SOURCE, real_archive)
    listings = tables["listings"]
    assert tables["_rejected"].num_rows == 0
    assert Counter(listings["line_format"].to_pylist()) == {"table_row": 16_621, "list_item": 125_335}
    first = listings.group_by("arxiv_id").aggregate([("date", "min"), ("date", "count_distinct")])
    assert first.num_rows == 104_582
    years = Counter(day.year for day in first["date_min"].to_pylist())
    assert years == {2022: 521, 2023: 13_403, 2024: 26_576, 2025: 39_222, 2026: 24_860}
    # 311 papers have two days, and hardly any first day lies after the id's month: it is the submission's
    assert sum(n > 1 for n in first["date_count_distinct"].to_pylist()) == 311
    late = sum(
        (day.year - 2000, day.month) > (int(paper[:2]), int(paper[2:4]))
        for paper, day in zip(first["arxiv_id"].to_pylist(), first["date_min"].to_pylist(), strict=True)
    )
    assert late < 130
    keywords = listings.group_by("_source_file").aggregate([("keyword", "count_distinct")]).to_pylist()
    sets = {row["_source_file"]: row["keyword_count_distinct"] for row in keywords}
    assert sets["archive-web/2022-08.json"] == 1
    assert [sets[f"archive-web/2022-{month}.json"] for month in (10, 11, 12)] == [4, 6, 8]
    assert {n for path, n in sets.items() if "2023-01" <= path[12:19] < "2026-04"} <= {21, 23, 24}
    assert sets["archive-web/2026-04.json"] == sets["nlp-arxiv-daily-web.json"] == 25
