"""AGORA: byte order mark, two dates, tags that repeat, and files that are not read."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from io import StringIO
from pathlib import Path

import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources.agora_policy import DOCUMENT_FIELDS, SOURCE, TAGS
from dlt_sources.archive import ArchiveError, open_snapshot
from dlt_sources.sample import agora_policy as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

AUTHORITIES = (
    "\ufeffName,Jurisdiction,Parent authority\n"
    "United States Congress,United States,Federal government\n"
    "Other authorities,,\n"
)
VALUES = {
    "AGORA ID": "2425",
    "Official name": 'One Act, Section 43201 ("Modernization")',
    "Link to document": "https://www.congress.gov/bill/1",
    "Authority": "United States Congress",
    "Most recent activity": "Defunct",
    "Most recent activity date": "2025-01-03",
    "Proposed date": "2023-05-20",
    "Annotated?": "true",
    "Validated?": "false",
    "Short summary": "Short, and to the point.",
    "Long summary": "First.\n\nSecond.",
    "Summaries and tags may include unreviewed machine output": "false",
    TAGS: "Harms: Discrimination;Incentives: Fines;Harms: Discrimination",
}


def documents_csv(*records: Mapping[str, str]) -> bytes:
    out = StringIO()
    writer = csv.DictWriter(out, ["Casual name", *VALUES, "Harms: Discrimination"], lineterminator="\n")
    writer.writeheader()
    writer.writerows({**VALUES, **record} for record in records)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def files(*records: Mapping[str, str]) -> dict[str, bytes]:
    return {
        "2025-09-30/documents.csv": documents_csv(*records),
        "2025-09-30/authorities.csv": AUTHORITIES.encode(),
        "2025-09-30/collections.csv": b"\xef\xbb\xbfName,Description\nexecutive orders,\n",
    }


def test_both_dates_are_kept_and_a_missing_proposal_is_null(make_archive: MakeArchive) -> None:
    root = make_archive("agora_policy", files({}, {"AGORA ID": "37", "Proposed date": ""}))
    known, unknown = load(SOURCE, root)["documents"].to_pylist()
    assert (known["agora_id"], known["proposed_date"], known["most_recent_activity_date"]) == (
        2425,
        date(2023, 5, 20),
        date(2025, 1, 3),
    )
    assert known["official_name"] == VALUES["Official name"]
    assert known["long_summary"] == "First.\n\nSecond."
    assert known["snapshot"] == date(2025, 9, 30)
    assert unknown["proposed_date"] is None


def test_tags_become_rows_with_the_publishers_repeats(make_archive: MakeArchive) -> None:
    root = make_archive("agora_policy", files({}, {"AGORA ID": "37", TAGS: ""}))
    tags = load(SOURCE, root)["document_tags"]
    assert tags["tag"].to_pylist() == ["Harms: Discrimination", "Incentives: Fines", "Harms: Discrimination"]
    assert set(tags["agora_id"].to_pylist()) == {2425}


def test_an_authority_without_jurisdiction_is_null(make_archive: MakeArchive) -> None:
    authorities = load(SOURCE, make_archive("agora_policy", files({})))["authorities"].to_pylist()
    assert [row["jurisdiction"] for row in authorities] == ["United States", None]


def test_the_broken_collections_file_is_not_read(make_archive: MakeArchive) -> None:
    root = make_archive("agora_policy", files({}))
    assert open_snapshot(root, "agora_policy").ignored(SOURCE.files) == ["2025-09-30/collections.csv"]


def test_a_value_that_does_not_convert_is_rejected_with_its_row(make_archive: MakeArchive) -> None:
    root = make_archive("agora_policy", files({}, {"AGORA ID": "38", "Proposed date": "May 2023"}))
    content = load(SOURCE, root)
    assert content["documents"].num_rows == 1
    (rejected,) = content["_rejected"].to_pylist()
    assert (rejected["position"], rejected["field"], rejected["reason"]) == (2, "proposed_date", "is no date")


@pytest.mark.parametrize("column", [*DOCUMENT_FIELDS, TAGS])
def test_a_renamed_column_stops_the_load(make_archive: MakeArchive, column: str) -> None:
    data = documents_csv({}).replace(column.encode(), b"Renamed", 1)
    root = make_archive("agora_policy", files({}) | {"2025-09-30/documents.csv": data})
    with pytest.raises(ArchiveError, match="is absent"):
        load(SOURCE, root)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1), min_size=1, max_size=20
    )
)
def test_any_title_survives_the_file(make_archive: MakeArchive, titles: list[str]) -> None:
    records = [{"AGORA ID": str(n), "Official name": title} for n, title in enumerate(titles)]
    content = load(SOURCE, make_archive("agora_policy", files(*records)))["documents"]
    assert content["official_name"].to_pylist() == titles


def test_the_sample_carries_the_traps(make_archive: MakeArchive) -> None:
    written = sample.write(World(1))
    assert written == sample.write(World(1))
    root = make_archive("agora_policy", {path: file.data for path, file in written.items()})
    content = load(SOURCE, root)
    documents = content["documents"]
    assert content["_rejected"].num_rows == 0
    assert documents.num_rows == sample.DOCUMENTS
    assert documents["proposed_date"].null_count > 20
    late = pc.greater(documents["proposed_date"], documents["most_recent_activity_date"])
    assert pc.sum(late).as_py() == 3
    pairs = content["document_tags"].select(["agora_id", "tag"])
    assert pairs.group_by(["agora_id", "tag"]).aggregate([]).num_rows < pairs.num_rows
    assert None in content["authorities"]["jurisdiction"].to_pylist()


@pytest.mark.real
def test_the_real_counts_are_those_of_the_reference(real_archive: Path) -> None:
    content = load(SOURCE, real_archive)
    documents = content["documents"]
    assert documents.num_rows == 951
    assert documents["proposed_date"].null_count == 147
    late = pc.greater(documents["proposed_date"], documents["most_recent_activity_date"])
    assert pc.sum(late).as_py() == 5
    activity = documents["most_recent_activity"].to_pylist()
    assert [activity.count(kind) for kind in ("Enacted", "Defunct", "Proposed")] == [434, 397, 120]
    assert pc.sum(documents["is_machine_written"]).as_py() == 517
    assert pc.sum(documents["is_validated"]).as_py() == 200
    assert pc.max(documents["most_recent_activity_date"]).as_py() == date(2025, 6, 22)
    assert len(set(content["document_tags"]["agora_id"].to_pylist())) == 423
    jurisdictions = dict(
        zip(*(content["authorities"][name].to_pylist() for name in ("name", "jurisdiction")), strict=True)
    )
    found = [jurisdictions[name] for name in documents["authority"].to_pylist()]
    assert [found.count(j) for j in ("United States", "China", "Multinational", "Other countries", None)] == [
        865,
        26,
        19,
        18,
        23,
    ]
    assert content["_rejected"].num_rows == 0
