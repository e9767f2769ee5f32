"""The lake's schema is frozen: what a source did not declare is refused, and the lake stays as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dlt_sources import innovation_graph, pipeline
from dlt_sources.archive import ArchiveError
from dlt_sources.packed import Limits
from dlt_sources.pipeline import dlt_source, lake_pipeline
from dlt_sources.tables import Source, load
from orchestration.command.cli import main
from tests.dlt_sources.conftest import MakeArchive

NAME = "innovation_graph"
TABLE = f"{NAME}/git_pushes"
DATA = b"git_pushes,iso2_code,year,quarter\n7,CN,2020,1\n9,US,2020,1\n"


def _with(table: pa.Table, column: str, values: pa.Array, nullable: bool = False) -> pa.Table:
    field = pa.field(column, values.type, nullable=nullable)
    return table.set_column(table.column_names.index(column), field, values)


DRIFTS: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "type flip": (
        lambda t: _with(t, "git_pushes", t["git_pushes"].cast(pa.string())),
        "git_pushes: is string not null, expected int64 not null",
    ),
    "wider type": (
        lambda t: _with(t, "year", t["year"].cast(pa.float64())),
        "year: is double not null, expected int64 not null",
    ),
    "nulls allowed": (
        lambda t: _with(t, "iso2_code", t["iso2_code"], nullable=True),
        "iso2_code: is string, expected string not null",
    ),
    "new column": (
        lambda t: t.append_column("forks", pa.array([1] * len(t))),
        "forks: is int64, expected no such column",
    ),
    "absent column": (lambda t: t.drop_columns("quarter"), "quarter: is absent, expected int64 not null"),
}


@pytest.fixture
def archive(make_archive: MakeArchive) -> Path:
    return make_archive(NAME, {"vintages/2026-01-27/data/git_pushes.csv": DATA})


@pytest.fixture
def drift(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From now on the source gives its table git_pushes changed in this way."""

    def begin(kind: str) -> None:
        def drifted(source: Source, root: Path, limits: Limits, kept: Path) -> dict[str, pa.Table]:
            content = load(source, root, limits, kept)
            return content | {"git_pushes": DRIFTS[kind][0](content["git_pushes"])}

        monkeypatch.setattr(pipeline, "load", drifted)

    return begin


def _load(archive: Path, home: Path, source: Source = innovation_graph.SOURCE) -> None:
    lake_pipeline(source, home / "lake", home / "state").run(
        dlt_source(source, archive), loader_file_format="parquet"
    )


def _rows(home: Path) -> pa.Table:
    return pq.read_table(home / "lake" / "raw" / TABLE)


def _digests(home: Path) -> dict[Path, str]:
    files = (home / "lake").rglob("*")
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}


@pytest.mark.parametrize("kind", DRIFTS)
def test_a_first_load_of_other_columns_than_declared_writes_nothing(
    kind: str, archive: Path, tmp_path: Path, drift: Callable[[str], None]
) -> None:
    drift(kind)
    with pytest.raises(Exception, match="extract") as raised:
        _load(archive, tmp_path)
    assert isinstance(cause := _first_cause(raised.value), ArchiveError)
    assert str(cause) == f"lake: {TABLE}: {DRIFTS[kind][1]}; teach dlt_sources/{NAME}.py the new layout"
    assert _digests(tmp_path) == {}


def _first_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


@pytest.mark.slow
def test_a_run_over_drifted_columns_is_refused_in_one_line_and_the_lake_stays(
    archive: Path, tmp_path: Path, drift: Callable[[str], None], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    asked = ["run", "--origin", "archive", "--archive", str(archive), "--home", str(tmp_path / "home"),
             "--select", f'key:"raw/{NAME}/*"']  # fmt: skip
    assert _exit_code(asked) == 0
    before = _digests(tmp_path / "home")
    assert any(path.parent.name == "git_pushes" for path in before)
    for kind in DRIFTS:  # over a lake that is there
        drift(kind)
        with pytest.raises(Exception, match="extract"):
            _load(archive, tmp_path / "home")
        assert _digests(tmp_path / "home") == before, kind
    for kind in ("type flip", "absent column"):  # each kind's own words are those of the test above
        drift(kind)
        capsys.readouterr()
        assert _exit_code(asked) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"chokepoint: lake: {TABLE}: {DRIFTS[kind][1]}; "), kind
        assert _digests(tmp_path / "home") == before, kind
    monkeypatch.setattr(pipeline, "load", load)
    assert _exit_code(asked) == 0
    assert _rows(tmp_path / "home")["git_pushes"].to_pylist() == [7, 9]


def _exit_code(arguments: list[str]) -> object:
    try:
        main(arguments)
    except SystemExit as left:
        return left.code or 0
    return 0


def test_columns_that_a_newer_version_declares_replace_those_of_an_older_load(
    archive: Path, tmp_path: Path
) -> None:
    source = innovation_graph.SOURCE
    others = [table for table in source.tables if table.name != "git_pushes"]
    (table,) = (table for table in source.tables if table.name == "git_pushes")
    without_quarter = pa.schema([f for f in table.columns if f.name != "quarter"])
    older = replace(table, columns=without_quarter, bounds={})
    _load(archive, tmp_path, replace(source, tables=(*others, older)))
    assert "quarter" not in _rows(tmp_path).column_names
    _load(archive, tmp_path)
    assert _rows(tmp_path).schema.field("quarter") == pa.field("quarter", pa.int64(), nullable=False)
    _load(archive, tmp_path, replace(source, tables=(*others, older)))
    assert "quarter" not in _rows(tmp_path).column_names


@pytest.mark.parametrize("junk", [b"{", b"\xff\xfe", b"[]", b"[" * 100_000])
@pytest.mark.parametrize("name", ["state.json", f"{NAME}.schema.json", ".version", "init"])
def test_what_dlt_remembers_and_cannot_read_does_not_stop_a_load(
    name: str, junk: bytes, archive: Path, tmp_path: Path
) -> None:
    _load(archive, tmp_path)
    before = {p.parent.name: p.read_bytes() for p in (tmp_path / "lake").rglob("*.parquet")}
    broken = [path for path in tmp_path.rglob(name) if path.is_file()]
    assert broken
    for path in broken:
        path.write_bytes(junk)
    _load(archive, tmp_path)
    assert {p.parent.name: p.read_bytes() for p in (tmp_path / "lake").rglob("*.parquet")} == before


@pytest.mark.parametrize("left", ["an empty folder", "tables without the mark", "an empty mark"])
def test_a_load_killed_while_the_folder_was_made_goes_on(left: str, archive: Path, tmp_path: Path) -> None:
    """dlt makes the source's folder, then marks it as its own; a folder without a mark it refuses."""
    _load(archive, tmp_path / "whole")
    folder = tmp_path / "killed" / "lake" / "raw" / NAME
    folder.mkdir(parents=True)
    if left == "tables without the mark":
        _load(archive, tmp_path / "killed")
        (folder / "init").unlink()
    if left == "an empty mark":
        (folder / "init").touch()
    _load(archive, tmp_path / "killed")
    assert _rows(tmp_path / "killed").equals(_rows(tmp_path / "whole"))
