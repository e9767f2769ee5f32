"""A check that stands, or that a person accepted, hides no new fault: by how much it failed counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import Result
from expectations.checks import Suite
from expectations.validation import run
from orchestration.gate import files as gate
from orchestration.gate import last_accepted
from orchestration.gate.extents import extent, is_worse, worsened
from orchestration.home.acceptances import Extent
from orchestration.settings import Settings

AT = datetime(2026, 1, 2, tzinfo=UTC)
STANDS = Result(
    gate="raw", tool="gx", table="a/b", check="days_steady", severity="warning", success=False,
    observed="rows 3 to 90 (2 of 50 rows)", expected="10 <= rows", failing_rows=2, rows=50,
    table_sha256="a" * 64, beyond=7.0,
)  # fmt: skip
KNOWN = {("a/b", "days_steady"): extent(STANDS)}


@pytest.mark.parametrize(
    ("changed", "is_error"),
    [
        ({}, False),
        ({"failing_rows": 1, "beyond": 3.0}, False),
        ({"failing_rows": 3}, True),
        ({"beyond": 7.6}, False),  # within a tenth
        ({"beyond": 9.0}, True),
        ({"failing_rows": 1, "beyond": 9.0}, True),  # fewer, but one is worse than any was
        ({"beyond": None, "failing_rows": None}, False),
        ({"success": True, "failing_rows": 0, "beyond": None}, False),
        ({"check": "never_failed_before", "failing_rows": 9}, False),
    ],
)
def test_a_warning_that_fails_by_more_than_in_the_last_accepted_run_is_an_error(
    changed: dict[str, object], is_error: bool
) -> None:
    (made,) = worsened([replace(STANDS, **changed)], KNOWN)  # type: ignore[arg-type]
    assert (made.severity == "error") == is_error
    assert ("2 failing rows, 7 beyond in the last accepted run" in str(made.observed)) == is_error


@given(st.integers(0, 99), st.floats(0, 99), st.integers(0, 99), st.floats(0, 99))
def test_what_fails_by_no_more_is_no_worse(rows: int, beyond: float, less: int, nearer: float) -> None:
    then = Extent(failing_rows=rows, beyond=beyond)
    now = Extent(failing_rows=min(rows, less), beyond=min(beyond, nearer))
    assert not is_worse(now, then) and not is_worse(then, then)
    assert is_worse(Extent(failing_rows=rows + rows // 10 + 1), then)


def write(home: Path, result: Result) -> None:
    gate.write_results(home, [result], run_id="run", started_at=AT, origin="sample")


def test_an_accepted_check_that_worsens_fails_anew_and_says_by_how_much(tmp_path: Path) -> None:
    bad = replace(STANDS, severity="error")
    write(tmp_path, bad)
    gate.accept(tmp_path, "a/b", "days_steady", reason="a holiday", by="Ann", at=AT)
    gate.require(tmp_path, {"a/b": "a" * 64}, gate="raw")
    write(tmp_path, replace(bad, failing_rows=1))
    gate.require(tmp_path, {"a/b": "a" * 64}, gate="raw")
    write(tmp_path, replace(bad, failing_rows=5))
    said = "failed days_steady: .*: 5 failing rows, 7 beyond, 2 failing rows, 7 beyond when it was accepted"
    with pytest.raises(gate.GateError, match=said):
        gate.require(tmp_path, {"a/b": "a" * 64}, gate="raw")
    gate.accept(tmp_path, "a/b", "days_steady", reason="two holidays", by="Ann", at=AT)
    gate.require(tmp_path, {"a/b": "a" * 64}, gate="raw")


def test_what_was_accepted_before_extents_were_measured_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    (tmp_path / gate.ACCEPTED).write_text(
        '[{"table": "a/b", "check": "days_steady", "reason": "a holiday", "by": "Ann", "at": ""}]'
    )
    write(tmp_path, replace(STANDS, severity="error"))
    gate.require(tmp_path, {"a/b": "a" * 64}, gate="raw")


def test_the_last_accepted_runs_extents_are_kept_and_speak_for_the_same_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(origin="archive", archive=tmp_path, home=tmp_path)
    assert last_accepted.extents(settings) == {}
    last_accepted.keep_extents(settings, [STANDS, replace(STANDS, check="fine", success=True)])
    assert last_accepted.extents(settings) == KNOWN
    file = settings.gate / "baseline" / "checks.json"
    kept = file.read_bytes()
    for broken in (b"", kept[:-9], b"[]", kept.replace(b"2", b'"2"')):
        file.write_bytes(broken)
        assert last_accepted.extents(settings) == {}
    file.write_bytes(kept)
    monkeypatch.setattr("orchestration.home.stages.code_version", lambda *_: "other checks")
    assert last_accepted.extents(settings) == {}


@pytest.mark.parametrize(
    ("values", "bounds", "beyond"),
    [
        ([1.0, 5.0, 12.0], {"low": 2, "high": 9}, 3.0),
        ([-4.0, 5.0], {"low": 2}, 6.0),
        ([5.0], {"low": 2, "high": 9}, None),
        ([None], {"low": 2}, None),
    ],
)
def test_how_far_the_worst_lies_outside_is_measured(
    tmp_path: Path, values: list[float | None], bounds: dict[str, float], beyond: float | None
) -> None:
    pd.DataFrame({"n": pd.array(values, dtype="Float64")}).to_parquet(tmp_path / "t.parquet")
    check = Suite("raw", "a/b").between("n", "warning", "why", "select n from data", "n", **bounds)
    (result,) = run([check], {"a/b": [tmp_path / "t.parquet"]}, {"a/b": "a" * 64})
    assert result.beyond == beyond
