"""Conference papers: keys that come and go, blanks between separators, no persons; the real counts."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from dlt_sources.archive import ArchiveError
from dlt_sources.conference_papers import COLUMNS, SOURCE
from dlt_sources.sample import conference_papers as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

PAPER = {
    "id": "paper205",
    "title": "Single Image Deraining",
    "track": "main",
    "status": "Poster",
    "abstract": "Despite the success",
    "author": "A. Person; B. Person",
    "aff": "Hong Kong University of Science and Technology;Google+ETH Zurich;",
    "email": "gmail.com;163.com;",
    "aff_unique_norm": "HKUST;Google;ETH Zurich;",
    "aff_country_unique": "China;United States;Switzerland;",
}


def papers(
    make_archive: MakeArchive, *content: object, path: str = "ijcai/ijcai2022.json"
) -> list[dict[str, object]]:
    archive = make_archive("conference_papers", {path: json.dumps(content).encode()})
    rows: list[dict[str, object]] = load(SOURCE, archive)["papers"].to_pylist()
    return rows


def test_a_paper_as_published(make_archive: MakeArchive) -> None:
    (row,) = papers(make_archive, PAPER)
    assert (row["venue"], row["year"], row["id"]) == ("ijcai", 2022, "paper205")
    assert row["aff_country_unique"] == "China;United States;Switzerland;"  # Hong Kong under China
    assert row["has_abstract"] is True


def test_no_persons_no_addresses_no_abstracts() -> None:
    assert not {"author", "authorids", "email", "aff_domain", "abstract", "position"} & set(COLUMNS.names)


def test_blanks_are_null_and_keys_may_be_absent(make_archive: MakeArchive) -> None:
    bare = {"id": "", "title": "Mixtures of Experts", "aff": ";;", "aff_country_unique": None}
    (row,) = papers(make_archive, bare, path="emnlp/emnlp2022.derived.json")
    assert row["id"] is row["aff"] is row["aff_country_unique"] is row["keywords"] is None
    assert (row["venue"], row["year"], row["has_abstract"]) == ("emnlp", 2022, False)


@pytest.mark.parametrize(
    ("path", "data", "message"),
    [
        ("ijcai/uai2022.json", b"[]", "expected <venue>/<venue><year>.json"),
        ("ijcai/ijcai2022.json", b'{"papers": []}', "expected a list of papers"),
        ("ijcai/ijcai2022.json", b'[{"id": "x", "name": "y"}]', "title: absent in every paper"),
        ("ijcai/ijcai2022.json", b'[{"id": "x", "tit', "not JSON"),
        ("ijcai/ijcai2022.json", b'[{"id": "x", "id": "y", "title": "t"}]', "the key 'id' is given twice"),
        ("ijcai/ijcai2022.json", b'[{"id": 7, "title": "t"}]', r"\[0\]: id: is 7, expected text"),
        ("ijcai/ijcai2022.json", b'[{"id": "x", "title": ["t"]}]', r"title: is \['t'\], expected text"),
        ("ijcai/ijcai2022.json", b'[{"id": "x", "title": "t", "aff": NaN}]', "NaN is no number"),
        ("ijcai/ijcai2022.json", b"[" * 99_999, "nested deeper than 64 levels"),
    ],
)
def test_bad_files_are_one_clear_line(
    make_archive: MakeArchive, path: str, data: bytes, message: str
) -> None:
    with pytest.raises(ArchiveError, match=f"conference_papers/{path}: .*{message}"):
        load(SOURCE, make_archive("conference_papers", {path: data}))


def test_a_paper_without_title_is_rejected(make_archive: MakeArchive) -> None:
    content = json.dumps([PAPER, PAPER | {"title": ""}]).encode()
    tables = load(SOURCE, make_archive("conference_papers", {"uai/uai2023.json": content}))
    (rejected,) = tables["_rejected"].to_pylist()
    assert (rejected["position"], rejected["field"], rejected["reason"]) == (2, "title", "is empty")


def test_the_sample_plants_its_traps(make_archive: MakeArchive) -> None:
    files = sample.write(World(1))
    rows = load(SOURCE, make_archive("conference_papers", {p: w.data for p, w in files.items()}))[
        "papers"
    ].to_pylist()
    assert any("Hong Kong" in (r["aff"] or "") and r["aff_country_unique"] for r in rows)
    assert any(r["status"] == "Reject" for r in rows)
    assert any(r["id"] is None for r in rows)
    keys = [(r["venue"], r["year"], r["id"]) for r in rows if r["id"]]
    assert len(keys) == len(set(keys)) + 1
    assert files == sample.write(World(1))


@pytest.mark.real
def test_counts_on_the_real_files(real_archive: Path) -> None:
    content = load(SOURCE, real_archive)["papers"]
    with duckdb.connect() as con:
        con.register("papers", content)
        counted = con.execute(
            """
            with countries as (
                select venue, year, coalesce(list_filter(list_transform(
                    string_split(aff_country_unique, ';'), lambda x: trim(x)), lambda x: x <> ''), [])
                        as names
                from papers
            )
            select venue || year, count(*), count(*) filter (where len(names) > 0),
                count(*) filter (where list_contains(names, 'China')),
                count(*) filter (where list_contains(names, 'United States')),
                count(*) filter (where list_has_all(names, ['China', 'United States']))
            from countries group by all
            """
        ).fetchall()
        rejected = con.execute("select count(*) from papers where status = 'Reject'").fetchone()
        aliens = con.execute(
            "select count(*) from papers where regexp_matches(aff_country_unique, 'Hong Kong|Taiwan|Macao')"
        ).fetchone()
    assert content.num_rows == 17_691
    published = {venue: tuple(numbers) for venue, *numbers in counted}
    assert published["acl2022"] == (1031, 1022, 397, 451, 82)
    assert published["naacl2024"] == (912, 812, 200, 449, 62)
    assert published["ijcai2021"] == (723, 721, 332, 215, 57)  # one of them twice: 722 papers
    assert published["ijcai2024"] == (1048, 1046, 617, 221, 71)
    assert published["aistats2023"] == (496, 284, 37, 160, 17)
    assert published["uai2022"] == (230, 126, 22, 57, 5)
    assert published["acml2024"] == (87, 75, 50, 8, 4)
    assert published["colm2025"] == (418, 418, 78, 336, 49)
    assert published["emnlp2023"] == (2020, 0, 0, 0, 0)
    assert rejected == (9,)
    assert aliens == (0,)
