"""Innovation Graph: vintages, Namibia, suppressed cells, and numbers that can only be misprints."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest

from dlt_sources.archive import ArchiveError, open_snapshot
from dlt_sources.innovation_graph import SOURCE
from dlt_sources.sample import innovation_graph as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

OLD, NEW = "vintages/2025-11-04/data/git_pushes.csv", "vintages/2026-01-27/data/git_pushes.csv"
HEADER = "git_pushes,iso2_code,year,quarter\n"


def test_each_vintage_is_kept_and_na_is_namibia(make_archive: MakeArchive) -> None:
    files = {
        OLD: (HEADER + "900,EU,2025,2\n700,NA,2025,2\n").encode(),
        NEW: (HEADER + "700,NA,2025,2\n800,NA,2025,3\n").encode(),
    }
    pushes = load(SOURCE, make_archive("innovation_graph", files))["git_pushes"]
    assert pushes.select(["iso2_code", "quarter", "git_pushes", "vintage"]).to_pydict() == {
        "iso2_code": ["EU", "NA", "NA", "NA"],
        "quarter": [2, 2, 2, 3],
        "git_pushes": [900, 700, 700, 800],
        "vintage": [date(2025, 11, 4)] * 2 + [date(2026, 1, 27)] * 2,
    }


def test_other_files_of_the_publisher_are_reported_as_not_read(make_archive: MakeArchive) -> None:
    topics = "vintages/2026-01-27/data/topics.csv"
    root = make_archive("innovation_graph", {NEW: HEADER.encode(), topics: b"num_pushers\n1\n"})
    assert open_snapshot(root, "innovation_graph").ignored(SOURCE.files) == [topics]


@pytest.mark.parametrize(
    ("line", "field"), [("7,DE,20225,1", "year"), ("7,DE,2022,5", "quarter"), ("-7,DE,2022,1", "git_pushes")]
)
def test_numbers_out_of_range_are_refused(make_archive: MakeArchive, line: str, field: str) -> None:
    content = load(SOURCE, make_archive("innovation_graph", {NEW: (HEADER + line + "\n").encode()}))
    assert content["git_pushes"].num_rows == 0
    assert content["_rejected"]["field"].to_pylist() == [field]


def test_a_renamed_column_stops_the_load(make_archive: MakeArchive) -> None:
    root = make_archive("innovation_graph", {NEW: b"pushes,iso2_code,year,quarter\n1,DE,2022,1\n"})
    with pytest.raises(ArchiveError, match="column 'git_pushes' is absent"):
        load(SOURCE, root)


def test_the_sample_is_read_whole_and_holds_its_traps(make_archive: MakeArchive) -> None:
    files = {path: written.data for path, written in sample.write(World(1)).items()}
    content = load(SOURCE, make_archive("innovation_graph", files))
    pushes = content["git_pushes"].to_pandas()
    assert content["_rejected"].num_rows == 0
    assert set(pushes["vintage"]) == set(sample.VINTAGES)
    assert {"EU", "NA", "XK"} <= set(pushes["iso2_code"])
    assert pushes["git_pushes"].min() >= sample.SUPPRESSED_BELOW
    quarters = pushes.groupby("vintage")[["year", "quarter"]].apply(lambda q: len(q.drop_duplicates()))
    assert quarters.is_monotonic_increasing
    developers = content["developers"].to_pandas()
    assert len(developers[developers["iso2_code"] == "LI"]) < len(developers[developers["iso2_code"] == "DE"])


@pytest.mark.real
def test_the_real_archive_holds_what_was_counted_on_it(real_archive: Path) -> None:
    content = load(SOURCE, real_archive)
    assert content["_rejected"].num_rows == 0
    newest = date(2026, 1, 27)
    rows, economies, smallest = {}, {}, {}
    for name in ("git_pushes", "repositories", "developers", "organizations"):
        table = content[name].filter(pc.equal(content[name]["vintage"], newest))
        rows[name] = table.num_rows
        economies[name] = len(pc.unique(table["iso2_code"]))
        smallest[name] = pc.min(table[name]).as_py()
        assert len(pc.unique(content[name]["vintage"])) == 10
    assert rows == {"git_pushes": 3_998, "repositories": 5_173, "developers": 5_197, "organizations": 4_180}
    assert economies == {"git_pushes": 197, "repositories": 233, "developers": 229, "organizations": 195}
    assert smallest == {"git_pushes": 585, "repositories": 101, "developers": 102, "organizations": 101}
    pushes = content["git_pushes"].to_pandas().query("iso2_code == 'CN' and vintage == @newest")
    by_quarter = pushes.set_index(["year", "quarter"])["git_pushes"] / 1e6
    assert [round(by_quarter[q], 2) for q in ((2020, 1), (2022, 4), (2025, 3))] == [5.57, 2.75, 2.05]


@pytest.mark.real
def test_no_real_value_was_ever_revised(real_archive: Path) -> None:
    for name in ("git_pushes", "developers"):
        table = load(SOURCE, real_archive)[name].to_pandas()
        assert table.groupby(["iso2_code", "year", "quarter"])[name].nunique().max() == 1


def test_a_header_without_records_is_no_quiet_quarter(make_archive: MakeArchive) -> None:
    files = {OLD: (HEADER + "900,DE,2025,2\n").encode(), NEW: HEADER.encode()}
    with pytest.raises(ArchiveError, match=r"2026-01-27/data/git_pushes\.csv: no record of git_pushes"):
        load(SOURCE, make_archive("innovation_graph", files))
