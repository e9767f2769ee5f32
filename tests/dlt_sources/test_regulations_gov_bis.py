"""Regulations.gov answers: pages, other agencies, hours of posting, fields that can be null."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dlt_sources.archive import ArchiveError
from dlt_sources.regulations_gov_bis import ATTRIBUTES, META, SOURCE
from dlt_sources.sample import regulations_gov_bis as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

PATH = "daily_search_results/2022_10_13.json"
RULE = {
    "id": "BIS-2022-0025-0002",
    "type": "documents",
    "attributes": {
        "documentType": "Rule",
        "lastModifiedDate": "2022-10-13T14:08:30Z",
        "highlightedContent": "",
        "frDocNum": "2022-21658",
        "withdrawn": False,
        "agencyId": "BIS",
        "title": "Additional Export Controls: Certain Advanced Computing Items",
        "postedDate": "2022-10-13T04:00:00Z",
        "docketId": "BIS-2022-0025",
        "openForComment": False,
    },
}


def record(**attributes: Any) -> dict[str, Any]:
    return {**RULE, "attributes": RULE["attributes"] | attributes}  # type: ignore[operator]


def answer(*pages: list[dict[str, Any]]) -> bytes:
    total = sum(len(page) for page in pages)
    return json.dumps(
        [
            {
                "data": page,
                "meta": {
                    "pageNumber": at,
                    "totalElements": total,
                    "hasNextPage": at < len(pages),
                    "pageSize": 250,
                },
            }
            for at, page in enumerate(pages, 1)
        ],
        indent=2,
    ).encode()


def test_every_page_and_every_agency_is_kept(make_archive: MakeArchive) -> None:
    root = make_archive(
        "regulations_gov_bis", {PATH: answer([record(), record(agencyId="FAA")], [record(agencyId="EPA")])}
    )
    content = load(SOURCE, root)
    assert content["documents"]["agency_id"].to_pylist() == ["BIS", "FAA", "EPA"]
    assert content["documents"]["_row"].to_pylist() == [1, 2, 3]
    assert [(p["page"], p["elements"], p["total_elements"]) for p in content["pages"].to_pylist()] == [
        (1, 2, 3),
        (2, 1, 3),
    ]


def test_a_document_without_number_or_docket_is_kept(make_archive: MakeArchive) -> None:
    root = make_archive(
        "regulations_gov_bis", {PATH: answer([record(frDocNum=None, docketId="", withdrawn=True)])}
    )
    (row,) = load(SOURCE, root)["documents"].to_pylist()
    assert (row["fr_doc_num"], row["docket_id"], row["is_withdrawn"]) == (None, None, True)
    assert row["posted_at"] == datetime(2022, 10, 13, 4, tzinfo=UTC)


@pytest.mark.parametrize("name", list(ATTRIBUTES))
def test_a_renamed_attribute_stops_the_load(make_archive: MakeArchive, name: str) -> None:
    broken = record()
    broken["attributes"] = {k: v for k, v in broken["attributes"].items() if k != name}
    root = make_archive("regulations_gov_bis", {PATH: answer([record()], [broken])})
    with pytest.raises(ArchiveError, match=f"{PATH}: field '{name}' is absent"):
        load(SOURCE, root)


@pytest.mark.parametrize("name", list(META))
def test_a_renamed_page_field_stops_the_load(make_archive: MakeArchive, name: str) -> None:
    data = answer([record()]).replace(f'"{name}"'.encode(), b'"renamed"')
    with pytest.raises(ArchiveError, match=f"field '{name}' is absent"):
        load(SOURCE, make_archive("regulations_gov_bis", {PATH: data}))


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        (PATH, answer([record()])[:-40], "not JSON"),
        (PATH, b"{}", "expected a list of pages"),
        (PATH, b'[{"data": []}]', "page 1: meta: absent"),
        (PATH, answer([record(title=["a"])]), r"record 1: title: is \['a'\], expected text"),
        (PATH, answer([record(), record(docketId={"a": 1})]), "record 2: docket_id: is .*, expected text"),
        ("daily_search_results/latest.json", answer([record()]), "'latest' is no day"),
    ],
)
def test_bytes_that_are_no_answer_stop_the_load(
    make_archive: MakeArchive, path: str, data: bytes, expected: str
) -> None:
    with pytest.raises(ArchiveError, match=expected) as caught:
        load(SOURCE, make_archive("regulations_gov_bis", {path: data}))
    assert str(caught.value).startswith(f"archive: regulations_gov_bis/{path}: ")


def test_a_type_flip_is_rejected_and_counted(make_archive: MakeArchive) -> None:
    flipped = [record(withdrawn={"by": "agency"}), record(postedDate="soon"), record(title=None), record()]
    content = load(SOURCE, make_archive("regulations_gov_bis", {PATH: answer(flipped)}))
    assert content["documents"].num_rows == 1
    assert content["_rejected"]["field"].to_pylist() == ["is_withdrawn", "posted_at", "title"]


def test_the_sample_carries_the_traps(make_archive: MakeArchive) -> None:
    written = sample.write(World(1))
    assert written == sample.write(World(1))
    content = load(SOURCE, make_archive("regulations_gov_bis", {p: f.data for p, f in written.items()}))
    rows = content["documents"].to_pylist()
    assert all(
        row["posted_at"].astimezone(ZoneInfo("America/New_York")).date() == row["query_date"] for row in rows
    )
    assert {row["posted_at"].hour for row in rows} == {0, 4, 5}
    assert len({row["agency_id"] for row in rows}) > 3
    assert any(row["is_withdrawn"] for row in rows)
    assert any(row["title"].startswith("86 FR ") and row["fr_doc_num"] is None for row in rows)
    assert max(content["pages"]["page"].to_pylist()) == 2


@pytest.mark.real
def test_the_real_counts_are_those_of_the_reference(real_archive: Path) -> None:
    content = load(SOURCE, real_archive)
    rows = content["documents"].to_pylist()
    bis = [row for row in rows if row["agency_id"] == "BIS"]
    assert (len(rows), len(bis), content["pages"].num_rows) == (3_843, 176, 146)
    assert Counter(row["document_type"] for row in bis) == {"Rule": 158, "Proposed Rule": 18}
    assert Counter(row["query_date"].year for row in bis) == {
        2019: 24,
        2020: 45,
        2021: 40,
        2022: 39,
        2023: 28,
    }
    assert sum(row["fr_doc_num"] is None for row in bis) == 7
    assert len({row["document_id"] for row in rows}) == len(rows)
    days = {row["fr_doc_num"]: row["query_date"].isoformat() for row in bis}
    assert (days["2022-17125"], days["2022-21658"]) == ("2022-08-15", "2022-10-13")
    # the reference knows 04:00 and 05:00 only: four withdrawn documents of BIS say 00:00
    assert Counter(row["posted_at"].hour for row in bis) == {4: 108, 5: 64, 0: 4}
    assert all(row["is_withdrawn"] for row in bis if row["posted_at"].hour == 0)
