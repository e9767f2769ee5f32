"""Files that the program keeps between runs: what it wrote itself and cannot read counts as never made;
what a person may have written is refused in one line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dlt_sources.archive import ArchiveError
from expectations import Result
from orchestration import warehouse
from orchestration.assets.result_files import planted_effects
from orchestration.gate import files as gate
from orchestration.home import lock, stages
from orchestration.settings import Settings
from tests.orchestration.conftest import refused

Captured = pytest.CaptureFixture[str]
DEEP = "[" * 100_000
NO_JSON = {
    "cut": b'{"origin": ',
    "empty": b"",
    "not UTF-8": b'{"origin": "\xff"}',
    "deep": DEEP.encode(),
    "deep within": b'{"origin": ' + DEEP.encode(),
    "another top level": b"[]",
    "nothing": b"null",
    "half a character": b'{"origin": "\\ud800"}',
    "not a number": b'{"origin": NaN}',
    "a key twice": b'{"origin": "sample", "origin": "sample"}',
}
SHA = "a" * 64
AT = datetime(2026, 1, 2, tzinfo=UTC)
GOOD = Result(
    gate="marts", tool="gx", table="fct_x", check="no_holes", severity="error", success=True,
    observed="0", expected="0", failing_rows=0, rows=3, table_sha256=SHA,
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "state" / "stages").mkdir(parents=True)
    (tmp_path / "gate").mkdir()
    return Settings(home=tmp_path)


def judge(home: Path) -> None:
    gate.write_results(home, [GOOD], run_id="run", started_at=AT, origin="sample")


@pytest.mark.parametrize(
    "data",
    [
        *NO_JSON.values(),
        b'{"origin": "nowhere", "archive": "x"}',
        b'{"origin": ["sample"], "archive": "x"}',
        b'{"origin": "sample"}',
        b'{"origin": "sample", "archive": 7}',
        b'{"origin": "sample", "archive": ""}',
        b'{"origin": "sample", "archive": "a\\u0000b"}',
        b'{"origin": "sample", "archive": "a\\nb"}',
    ],
)
def test_an_owner_that_says_nothing_is_none(data: bytes, settings: Settings, capsys: Captured) -> None:
    (settings.state / "home.json").write_bytes(data)
    lock.refuse_other_origin(settings)
    line = refused(capsys, "check", "--home", settings.home_path)
    assert line == f"home: {settings.home_path}: no run was made here; start with `chokepoint run`"
    lock.remember(settings)
    assert lock.settings_of(None, settings.home_path).archive_path == settings.archive_path


RECORD = {"key": "k", "is_finished": True, "outputs": {"marts/x.parquet": [1, 2, "a"]}}


@pytest.mark.parametrize(
    "data",
    [
        *NO_JSON.values(),
        *(
            json.dumps(RECORD | changed).encode()
            for changed in (
                {"key": 7},
                {"missing": "all"},
                {"outputs": []},
                {"outputs": {"x": [1, 2]}},
                {"inputs": {"x": None}},
                {"tests": [7]},
                {"tests": [{"status": "pass"}]},
                {"tests": [{"unique_id": "test.x", "status": "pass", "failures": ["many"]}]},
                {"other": 1},
            )
        ),
    ],
)
def test_a_record_that_says_nothing_is_of_a_stage_never_made(data: bytes, settings: Settings) -> None:
    (settings.state / "stages" / "marts.json").write_bytes(data)
    assert stages.recorded(settings, "marts") == stages.Record()
    assert "marts" in stages.stale(settings)
    assert stages.note(settings, "marts", key="new").key == "new"


def test_what_a_record_should_say_is_read(settings: Settings) -> None:
    tests = [{"unique_id": "test.x", "status": "fail", "failures": 2, "message": None, "execution_time": 0.1}]
    (settings.state / "stages" / "marts.json").write_text(json.dumps(RECORD | {"tests": tests}))
    record = stages.recorded(settings, "marts")
    assert (record.key, record.outputs, record.tests) == ("k", {"marts/x.parquet": (1, 2, "a")}, tests)


VERDICT = {"gate": "marts", "sha256": SHA, "passed": True, "failed": [], "accepted": [], "warnings": []}


@pytest.mark.parametrize(
    "data",
    [
        *NO_JSON.values(),
        *(
            json.dumps({"fct_x": verdict}).encode()
            for verdict in (
                7,
                {},
                VERDICT | {"gate": "none"},
                VERDICT | {"passed": "maybe"},
                VERDICT | {"failed": {"check": "x"}},
                VERDICT | {"accepted": [{"check": "x"}]},
                VERDICT | {"warnings": [7]},
            )
        ),
    ],
)
def test_verdicts_that_say_nothing_were_never_given(data: bytes, settings: Settings) -> None:
    home = settings.home_path
    judge(home)
    assert gate.is_intact(home, "marts")
    (home / gate.VERDICTS).write_bytes(data)
    assert not gate.is_intact(home, "marts")
    with pytest.raises(gate.GateError, match="never checked; run the gate"):
        gate.require(home, {"fct_x": SHA})
    judge(home)
    gate.require(home, {"fct_x": SHA})


def _parquet(path: Path, **columns: list[object]) -> None:
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize(
    "fault", ["cut", "another table", "a column of another kind", "corrupt inside", "folder"]
)
def test_checks_that_cannot_be_read_are_made_again(fault: str, settings: Settings) -> None:
    home = settings.home_path
    judge(home)
    path = home / gate.CHECKS
    data = path.read_bytes()
    if fault == "cut":
        path.write_bytes(data[:-9])
    elif fault == "another table":
        _parquet(path, table=["fct_x"], gate=["marts"])
    elif fault == "a column of another kind":
        row = pq.read_table(path).to_pylist()[0]
        _parquet(path, **{name: [value] for name, value in row.items()} | {"success": [[{"deep": 1}]]})
    elif fault == "corrupt inside":
        path.write_bytes(data[:4] + b"\xff" * 200 + data[204:])
    else:
        path.unlink()
        path.mkdir()
    assert not gate.is_intact(home, "marts")
    with pytest.raises(gate.GateError):
        gate.accept(home, "fct_x", "no_holes", reason="so", by="me", at=AT)
    if fault != "folder":
        judge(home)
        assert gate.is_intact(home, "marts")


ACCEPTED = {"table": "dim_event", "check": "four_shocks", "reason": "told", "by": "me", "at": "2026-01-01"}


def _without(name: str) -> dict[str, object]:
    return {key: value for key, value in ACCEPTED.items() if key != name}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[", "not JSON ("),
        (b"", "not JSON ("),
        (b"[\xff]", "not JSON ("),
        (DEEP.encode(), "nested deeper than 64 levels"),
        (b'[{"table": "a", "table": "b"}]', "the key 'table' is given twice in one object"),
        (b'[{"table": "\\ud800"}]', "contains half a character (\\ud800)"),
        (b"{}", "is {}, expected a list"),
        (b"[7]", "[0]: is 7, expected an object"),
        (json.dumps([_without("table")]).encode(), "[0]: table: missing"),
        (json.dumps([ACCEPTED, _without("reason")]).encode(), "[1]: reason: missing"),
        (json.dumps([ACCEPTED | {"reason": " "}]).encode(), "[0]: reason: is ' ', expected text"),
        (json.dumps([ACCEPTED | {"check": ["x"]}]).encode(), "[0]: check: is ['x'], expected text"),
        (json.dumps([ACCEPTED | {"because": "x"}]).encode(), "[0]: because: is no field"),
    ],
)
def test_acceptances_that_cannot_be_meant_are_refused(
    data: bytes, said: str, settings: Settings, archive: Path, capsys: Captured
) -> None:
    (settings.gate / "accepted.json").write_bytes(data)
    line = refused(capsys, "run", "--origin", "archive", "--archive", archive, "--home", settings.home_path)
    assert line.startswith(f"gate: gate/accepted.json: {said}")
    assert line.endswith("; correct it, or move it away and accept again")
    assert stages.versions(settings) == {}  # definitions load; a run says what is wrong


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("effects: [", "not YAML ("),
        ("effects: {}\neffects: {}\nnulls: []\n", "the key 'effects' is given twice"),
        ("[]", "is [], expected an object"),
        ("effects: {}\n", "nulls: missing"),
        ("effects: {git_pushes: 7}\nnulls: []\n", "effects: git_pushes: is 7, expected an object"),
        (
            "effects: {git: {event: much}}\nnulls: []\n",
            "effects: git: event: is 'much', expected",
        ),
        (
            "effects: {}\nmade_of: {months: weeks}\nnulls: []\n",
            "made_of names weeks, expected an outcome of effects",
        ),
    ],
)
def test_a_truth_that_says_nothing_is_refused(text: str, said: str, settings: Settings) -> None:
    settings.archive_path.mkdir()
    (settings.archive_path / "planted.yml").write_text(text)
    with pytest.raises(ArchiveError) as caught:
        planted_effects(settings)
    assert str(caught.value).startswith(f"archive: planted.yml: {said}")
    assert str(caught.value).endswith("; write the archive again")


@pytest.mark.parametrize("data", [*NO_JSON.values(), b'{"nodes": {}}'])
def test_what_dbt_left_is_parsed_again_where_it_says_nothing(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(_: object) -> SimpleNamespace:
        warehouse.MANIFEST.write_text('{"nodes": {}, "sources": {"of": "now"}}')
        return SimpleNamespace(success=True)

    monkeypatch.setattr(warehouse, "TARGET", tmp_path)
    monkeypatch.setattr(warehouse, "MANIFEST", tmp_path / "manifest.json")
    monkeypatch.setattr(warehouse, "STAMP", tmp_path / "parsed_from")
    monkeypatch.setattr(warehouse, "_invoke", parse)
    (tmp_path / "parsed_from").write_text(stages.code_version("dbt_project"))
    (tmp_path / "manifest.json").write_bytes(data)
    assert warehouse.manifest()["sources"] == {"of": "now"}


def test_what_a_person_wrote_counts(settings: Settings) -> None:
    (settings.gate / "accepted.json").write_text(json.dumps([ACCEPTED, _without("by")]))
    assert list(gate.accepted(settings.home_path)) == [("dim_event", "four_shocks")]


def test_a_reason_with_half_a_character_is_written_down(settings: Settings) -> None:
    bad = replace(GOOD, success=False, failing_rows=1)
    gate.write_results(settings.home_path, [bad], run_id="run", started_at=AT, origin="sample")
    gate.accept(settings.home_path, "fct_x", "no_holes", reason="known\udcff", by="me", at=AT)
    assert [one.reason for one in gate.accepted(settings.home_path).values()] == ["known?"]
    with pytest.raises(gate.GateError, match="reason: is empty"):
        gate.accept(settings.home_path, "fct_x", "no_holes", reason=" \udcff", by="me", at=AT)
