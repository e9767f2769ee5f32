"""Types are enforced: what does not convert is refused with its place, and nothing else is lost."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read
from dlt_sources.tables import POSITION, Rejects, Source, Table, conform, csv_strings, json_content, load
from tests.dlt_sources.conftest import MakeArchive

COLUMNS = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("count", pa.int64()),
        pa.field("share", pa.float64()),
        pa.field("day", pa.date32()),
        pa.field("flag", pa.bool_()),
    ]
)
WANTED = {"Name": "name", "Count": "count", "Share": "share", "Day": "day", "Flag": "flag"}
POSITION_NAMES = [field.name for field in POSITION]
GOOD = ["NA", "7", "0.5", "2024-02-29", "True"]


def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, "*.csv"):
        yield csv_strings(data, file, WANTED, rejects, "things", optional=["Flag"])


TABLE = Table("things", COLUMNS, ("*.csv",), read, "things by day", bounds={"count": (0, 1_000)})
SOURCE = Source("demo", "Demo", (TABLE,), "0 6 1 * *")


def text_of(rows: Iterable[Iterable[str]], header: Iterable[str] = WANTED) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def conformed(values: Mapping[str, list[str | None]]) -> tuple[pa.Table, Rejects]:
    rejects = Rejects("demo")
    raw = pa.table({name: pa.array(values[name], pa.string()) for name in COLUMNS.names})
    rows = len(raw)
    raw = raw.append_column(POSITION[0], pa.array(["f.csv"] * rows, pa.string()))
    raw = raw.append_column(POSITION[1], pa.array(range(1, rows + 1), pa.int64()))
    return conform(raw, TABLE, rejects), rejects


def test_a_good_row_keeps_its_values_and_its_place(make_archive: MakeArchive) -> None:
    content = load(SOURCE, make_archive("demo", {"f.csv": b"\xef\xbb\xbf" + text_of([GOOD])}))
    assert content["things"].to_pylist() == [
        {
            "name": "NA",
            "count": 7,
            "share": 0.5,
            "day": date(2024, 2, 29),
            "flag": True,
            "_source_file": "f.csv",
            "_row": 1,
        }
    ]
    assert content["_rejected"].num_rows == 0


def test_rows_may_be_derived_of_what_a_reader_yields_and_no_file_is_read_twice(
    make_archive: MakeArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flagged(things: pa.Table) -> pa.Table:
        return things.filter(pa.compute.equal(things["flag"], "True")).select(["name", *POSITION_NAMES])

    columns = pa.schema([pa.field("name", pa.string(), nullable=False)])
    derived = Table(
        "flagged", columns, TABLE.files, lambda _, __: (), "things with a flag", derived={"things": flagged},
        may_be_empty=True,
    )  # fmt: skip
    opened: list[str] = []
    truly = Snapshot.read
    monkeypatch.setattr(Snapshot, "read", lambda self, file: opened.append(file.path) or truly(self, file))
    rows = [GOOD, ["A", "1", "0.5", "2024-02-29", "False"], ["B", "1", "0.5", "2024-02-29", "True"]]
    archive = make_archive("demo", {"a.csv": text_of(rows), "b.csv": text_of([GOOD])})
    tables = load(Source("demo", "Demo", (derived, TABLE), "0 6 1 * *"), archive)
    assert tables["flagged"].select(["name", *POSITION_NAMES]).to_pylist() == [
        {"name": "NA", "_source_file": "a.csv", "_row": 1},
        {"name": "B", "_source_file": "a.csv", "_row": 3},
        {"name": "NA", "_source_file": "b.csv", "_row": 1},
    ]
    assert opened == ["a.csv", "b.csv"]


def test_an_absent_source_gives_empty_typed_tables(tmp_path: Path) -> None:
    content = load(SOURCE, tmp_path)
    assert content["things"].num_rows == 0
    assert content["things"].schema.names == [*COLUMNS.names, "_source_file", "_row"]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Name", "", "is empty"),
        ("Count", "many", "is no bigint"),
        ("Count", "1.5", "is no bigint"),
        ("Count", "1e3", "is no bigint"),
        ("Count", "-1", "is outside 0 to 1000"),
        ("Count", "1001", "is outside 0 to 1000"),
        ("Share", "1,5", "is no double"),
        ("Share", "nan", "is not finite"),
        ("Share", "inf", "is not finite"),
        ("Day", "2024-02-30", "is no date"),
        ("Day", "29.2.2024", "is no date"),
        ("Day", "0204-02-29", "is outside 1900 to 2100"),
        ("Day", "2404-02-29", "is outside 1900 to 2100"),
        ("Flag", "maybe", "is no boolean"),
    ],
)
def test_a_value_that_does_not_convert_is_refused_with_its_place(
    make_archive: MakeArchive, column: str, value: str, reason: str
) -> None:
    bad = [value if name == column else cell for name, cell in zip(WANTED, GOOD, strict=True)]
    content = load(SOURCE, make_archive("demo", {"f.csv": text_of([GOOD, bad])}))
    (refused,) = content["_rejected"].to_pylist()
    assert content["things"].num_rows == 1
    assert (refused["file"], refused["position"], refused["field"]) == ("f.csv", 2, WANTED[column])
    assert refused["reason"] == reason
    assert value in refused["record"] or value == ""


def test_blanks_around_a_number_and_a_whole_number_with_zeros_are_no_fault() -> None:
    table, rejects = conformed(
        {
            "name": ["a", "b"],
            "count": [" 7 ", "7.0"],
            "share": ["1e-3", None],
            "day": [None] * 2,
            "flag": [None] * 2,
        }
    )
    assert table["count"].to_pylist() == [7, 7]
    assert not rejects.rows


def test_a_record_with_another_number_of_cells_is_refused_with_its_place(make_archive: MakeArchive) -> None:
    content = load(SOURCE, make_archive("demo", {"f.csv": text_of([GOOD, ["only", "two"], GOOD])}))
    (refused,) = content["_rejected"].to_pylist()
    assert (refused["position"], refused["reason"]) == (2, "2 cells, expected 5")
    assert content["things"].num_rows == 2


def test_an_optional_column_may_be_absent_another_may_not(make_archive: MakeArchive) -> None:
    without_flag = text_of([GOOD[:4]], header=[*WANTED][:4])
    assert load(SOURCE, make_archive("demo", {"f.csv": without_flag}))["things"]["flag"].to_pylist() == [None]
    renamed = text_of([GOOD], header=["Name", "Number", "Share", "Day", "Flag"])
    with pytest.raises(ArchiveError, match=r"demo/f.csv: column 'Count' is absent \(renamed\?\)"):
        load(SOURCE, make_archive("demo", {"f.csv": renamed}))


def test_a_type_flip_of_a_whole_column_stops_the_load(make_archive: MakeArchive) -> None:
    flipped = [[*GOOD[:1], "seven", *GOOD[2:]]] * 10
    with pytest.raises(ArchiveError, match=r"demo/f.csv: 10 of 10 rows rejected, first: row 1, count"):
        load(SOURCE, make_archive("demo", {"f.csv": text_of(flipped)}))


def test_the_tolerance_is_a_share_of_a_file_and_at_least_ten_rows(make_archive: MakeArchive) -> None:
    bad = [*GOOD[:1], "seven", *GOOD[2:]]
    assert load(SOURCE, make_archive("demo", {"f.csv": text_of([bad] * 9)}))["_rejected"].num_rows == 9
    many = text_of([GOOD] * 990 + [bad] * 10)
    assert load(SOURCE, make_archive("demo", {"f.csv": many}))["_rejected"].num_rows == 10
    too_many = text_of([GOOD] * 980 + [bad] * 10)
    with pytest.raises(ArchiveError, match="10 of 990 rows rejected"):
        load(SOURCE, make_archive("demo", {"f.csv": too_many}))


def test_a_file_cut_within_a_quoted_cell_is_refused_whole(make_archive: MakeArchive) -> None:
    cut = text_of([GOOD]) + b'"half a name,7,0.5'
    with pytest.raises(ArchiveError, match=r"f.csv: ends within a record .* truncated; fetch it again"):
        load(SOURCE, make_archive("demo", {"f.csv": cut}))


def test_an_empty_file_is_no_readable_table(make_archive: MakeArchive) -> None:
    with pytest.raises(ArchiveError, match="column 'Name' is absent"):
        load(SOURCE, make_archive("demo", {"f.csv": b""}))


def test_half_of_a_character_in_json_is_refused() -> None:
    assert json_content(b'{"title": "\\ud83d\\ude80"}', "f.json") == {"title": "\U0001f680"}
    with pytest.raises(ArchiveError) as caught:
        json_content(b'{"title": ["a \\ud800 b"]}', "f.json")
    assert str(caught.value) == "f.json: contains half a character (\\ud800); fetch it again"


def test_a_quote_that_never_closes_is_no_single_reject(make_archive: MakeArchive) -> None:
    stray = text_of([GOOD]) + b'"NA,7,0.5,2024-02-29,True\n' + text_of([GOOD] * 50).split(b"\n", 1)[1]
    with pytest.raises(
        ArchiveError, match=r'f.csv: a quote is opened .*"NA,7,0.5.* and never closed; correct it'
    ):
        load(SOURCE, make_archive("demo", {"f.csv": stray}))


def test_lines_may_end_in_any_way(make_archive: MakeArchive) -> None:
    for end in (b"\r", b"\r\n", b"\n"):
        root = make_archive("demo", {"f.csv": text_of([GOOD, GOOD]).replace(b"\n", end)})
        assert load(SOURCE, root)["things"]["count"].to_pylist() == [7, 7]


cells = st.one_of(
    st.none(), st.text(max_size=12), st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,3})?", fullmatch=True)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(cells, cells, cells, cells, cells), min_size=1, max_size=20))
def test_every_row_is_kept_or_refused_once_and_kept_values_are_true(
    rows: list[tuple[str | None, ...]],
) -> None:
    columns = dict(zip(COLUMNS.names, (list(c) for c in zip(*rows, strict=True)), strict=True))
    table, rejects = conformed(columns)
    kept, refused = set(table["_row"].to_pylist()), {row[2] for row in rejects.rows}
    assert kept | refused == set(range(1, len(rows) + 1))
    assert not kept & refused
    assert len(rejects.rows) == len(refused)
    for record in table.to_pylist():
        name, count = rows[record["_row"] - 1][:2]
        assert record["name"] == name
        assert record["count"] == (None if count is None else int(float(count)))
        assert record["count"] is None or 0 <= record["count"] <= 1_000


def test_a_record_is_clipped() -> None:
    rejects = Rejects("demo")
    rejects.add("things", "f.csv", 1, None, "too long", "x" * 5_000)
    assert len(rejects.to_arrow()["record"][0].as_py()) == 2_000


def test_position_counts_records_not_lines() -> None:
    rejects = Rejects("demo")
    file = File("f.csv", "0" * 64, 0, None, "2026-01-01", None, None, None)
    data = text_of([["two\nlines", *GOOD[1:]], GOOD])
    table = csv_strings(data, file, WANTED, rejects, "things")
    assert table["_row"].to_pylist() == [1, 2]
    assert table["name"].to_pylist() == ["two\nlines", "NA"]
