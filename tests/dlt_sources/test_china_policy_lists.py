"""The three Chinese lists: byte order mark, text on one of them, and the day of the scrape."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest

from dlt_sources.archive import ArchiveError
from dlt_sources.china_policy_lists import SOURCE, TEXT_LIMIT
from dlt_sources.sample import china_policy_lists as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

CAC = "cac_all_policies.csv"
MIIT = "miit_all_policies.derived.csv"


def cac(text: str, score: str = "29") -> bytes:
    return (
        "\ufefftitle,url,publication_date,issuing_department,ai_score,full_text\n"
        "关于印发《汽车数据出境安全指引（2026版）》的通知,https://www.cac.gov.cn/2026-02/03/c_1771851453192164.htm,"
        f'2026-02-03,国家网信办,{score},"{text}"\n'
    ).encode()


MIIT_DATA = (
    "title,url,publication_date,issuing_department,ai_score,full_text_chars\n"
    "中华人民共和国工业和信息化部公告,https://www.miit.gov.cn/jgsj/art_7df5.html,2025-12-26,,0,474\n"
).encode()


def test_lists_with_and_without_text_share_one_table(make_archive: MakeArchive) -> None:
    root = make_archive("china_policy_lists", {CAC: cac("正文，第一条"), MIIT: MIIT_DATA})
    first, second = load(SOURCE, root)["policies"].to_pylist()
    assert (first["list"], first["ai_score"], first["full_text"], first["full_text_chars"]) == (
        "cac",
        29,
        "正文，第一条",
        None,
    )
    assert (second["list"], second["full_text"], second["full_text_chars"]) == ("miit", None, 474)
    assert second["issuing_department"] is None
    assert first["publication_date"] == date(2026, 2, 3)
    assert first["snapshot"] == second["snapshot"] == date(2026, 2, 4)


def test_a_long_text_is_cut(make_archive: MakeArchive) -> None:
    root = make_archive("china_policy_lists", {CAC: cac("文" * (TEXT_LIMIT + 5))})
    (row,) = load(SOURCE, root)["policies"].to_pylist()
    assert len(row["full_text"]) == TEXT_LIMIT


def test_a_score_that_is_no_number_is_rejected(make_archive: MakeArchive) -> None:
    content = load(SOURCE, make_archive("china_policy_lists", {CAC: cac("正文", score="high")}))
    assert content["policies"].num_rows == 0
    assert content["_rejected"].to_pylist()[0]["field"] == "ai_score"


def test_a_renamed_column_stops_the_load(make_archive: MakeArchive) -> None:
    root = make_archive("china_policy_lists", {MIIT: MIIT_DATA.replace(b"ai_score", b"score")})
    with pytest.raises(
        ArchiveError, match=r"china_policy_lists/miit_all_policies\.derived\.csv: column 'ai_score'"
    ):
        load(SOURCE, root)


def test_the_sample_carries_the_traps(make_archive: MakeArchive) -> None:
    written = sample.write(World(1))
    assert written == sample.write(World(1))
    policies = load(SOURCE, make_archive("china_policy_lists", {p: f.data for p, f in written.items()}))[
        "policies"
    ]
    rows = policies.to_pylist()
    assert Counter(Counter(row["url"] for row in rows).values())[2] == 1
    assert any("答记者问" in row["title"] for row in rows)
    starts = {
        name: min(row["publication_date"] for row in rows if row["list"] == name) for name in sample.LISTS
    }
    assert starts["miit"] < date(2022, 6, 1) < date(2024, 6, 1) < min(starts["cac"], starts["tc260"])
    assert 0 < sum(row["ai_score"] > 4 for row in rows if row["list"] == "miit") < 144 / 2


@pytest.mark.real
def test_the_real_counts_are_those_of_the_reference(real_archive: Path) -> None:
    policies = load(SOURCE, real_archive)["policies"]
    rows = policies.to_pylist()
    years = Counter((row["list"], row["publication_date"].year) for row in rows)
    assert years == {
        **{("cac", year): n for year, n in ((2024, 14), (2025, 75), (2026, 11))},
        **{("miit", y): n for y, n in zip(range(2021, 2027), (8, 22, 34, 37, 41, 2), strict=True)},
        **{("tc260", year): n for year, n in ((2024, 1), (2025, 49))},
    }
    assert pc.count_distinct(policies["url"]).as_py() == 294
    assert sum(row["ai_score"] > 4 for row in rows if row["list"] == "miit") == 41
    assert policies["publication_date"].null_count == 0
    assert {row["snapshot"] for row in rows} == {date(2026, 2, 4)}
