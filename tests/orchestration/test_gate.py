"""The gate's files: checks, verdicts, history, what people accepted, and who is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from expectations import Result
from orchestration.gate import files as gate
from orchestration.gate.files import GateError

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
SHA, OTHER = "a" * 64, "b" * 64
GOOD = Result(
    gate="marts", tool="gx", table="fct_x", check="values_not_negative", severity="error", success=True,
    observed="least 0", expected="0 <= least", failing_rows=0, rows=3, table_sha256=SHA,
)  # fmt: skip
BAD = replace(
    GOOD, check="no_holes", success=False, observed="missing 1", expected="missing <= 0", failing_rows=1
)
UNIQUE = replace(GOOD, tool="dbt", check="unique_combination_fct_x")


def write(home: Path, *results: Result, run_id: str = "run-1") -> dict[str, dict[str, Any]]:
    return gate.write_results(home, results, run_id=run_id, started_at=AT, origin="sample")


def checks(home: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.ParquetFile(home / gate.CHECKS).read().to_pylist()
    return rows


def test_checks_have_the_contracts_columns_sorted_with_the_origin_and_equal_bytes(tmp_path: Path) -> None:
    for name, order in (("one", [GOOD, BAD, UNIQUE]), ("two", [UNIQUE, BAD, GOOD])):
        write(tmp_path / name, *order, run_id=name)
    content = pq.ParquetFile(tmp_path / "one" / gate.CHECKS)
    assert content.schema_arrow.names == [
        "gate", "tool", "table", "check", "severity", "success", "observed", "expected",
        "failing_rows", "rows", "table_sha256", "beyond", "error",
    ]  # fmt: skip
    assert content.schema_arrow.metadata[b"origin"] == b"sample"
    assert [(r["tool"], r["check"]) for r in checks(tmp_path / "one")] == [
        ("dbt", "unique_combination_fct_x"), ("gx", "no_holes"), ("gx", "values_not_negative"),
    ]  # fmt: skip
    assert (tmp_path / "one" / gate.CHECKS).read_bytes() == (tmp_path / "two" / gate.CHECKS).read_bytes()
    assert (tmp_path / "one" / gate.VERDICTS).read_bytes() == (tmp_path / "two" / gate.VERDICTS).read_bytes()


def test_a_partial_run_replaces_only_the_tables_it_checked(tmp_path: Path) -> None:
    write(tmp_path, GOOD, BAD, replace(GOOD, table="fct_y"))
    write(tmp_path, replace(GOOD, check="rows_present"), run_id="run-2")
    assert [(r["table"], r["check"]) for r in checks(tmp_path)] == [
        ("fct_x", "rows_present"),
        ("fct_y", "values_not_negative"),
    ]


def test_history_grows_and_is_never_rewritten(tmp_path: Path) -> None:
    write(tmp_path, GOOD, BAD)
    write(tmp_path, GOOD, run_id="run-2")
    rows = pq.ParquetFile(tmp_path / gate.HISTORY).read().to_pylist()
    assert [(r["run_id"], r["check"]) for r in rows] == [
        ("run-1", "no_holes"), ("run-1", "values_not_negative"), ("run-2", "values_not_negative"),
    ]  # fmt: skip
    assert {r["started_at"] for r in rows} == {AT}
    (tmp_path / gate.HISTORY).write_bytes(b"torn")
    with pytest.raises(GateError, match=r"gate/history\.parquet: not a readable Parquet file"):
        write(tmp_path, GOOD, run_id="run-3")
    assert (tmp_path / gate.HISTORY).read_bytes() == b"torn"
    assert [r["check"] for r in checks(tmp_path)] == ["values_not_negative"]


def test_a_table_that_passed_may_be_read_as_it_was_checked(tmp_path: Path) -> None:
    verdicts = write(tmp_path, GOOD, UNIQUE, replace(BAD, severity="warning"))
    assert verdicts["fct_x"]["passed"]
    assert verdicts["fct_x"]["warnings"] == ["no_holes"]
    gate.require(tmp_path, {"fct_x": SHA})


def test_refusals_name_table_check_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(GateError) as never:
        gate.require(tmp_path, {"fct_x": SHA})
    assert str(never.value) == "gate: marts/fct_x.parquet was never checked; run the gate"
    write(tmp_path, GOOD, BAD)
    with pytest.raises(GateError) as changed:
        gate.require(tmp_path, {"fct_x": OTHER})
    assert str(changed.value) == (
        f"gate: marts/fct_x.parquet changed since it was checked (sha256 {OTHER}); "
        "run the gate or restore the file"
    )
    with pytest.raises(GateError) as failed:
        gate.require(tmp_path, {"fct_x": SHA})
    assert str(failed.value) == (
        "gate: marts/fct_x.parquet failed no_holes: missing 1, expected missing <= 0; "
        "mend the data or accept it with a reason"
    )


def test_a_crashed_check_refuses_too(tmp_path: Path) -> None:
    write(tmp_path, replace(BAD, observed=None, error="BinderException: no column"))
    with pytest.raises(GateError, match=r"failed no_holes: did not run \(BinderException: no column\)"):
        gate.require(tmp_path, {"fct_x": SHA})


def test_an_accepted_check_does_not_block_and_is_shown(tmp_path: Path) -> None:
    write(tmp_path, GOOD, BAD)
    gate.accept(tmp_path, "marts/fct_x", "no_holes", reason=" the publisher was offline ", by="Ann", at=AT)
    gate.require(tmp_path, {"fct_x": SHA})
    assert [one.model_dump() for one in gate.accepted(tmp_path).values()] == [
        {"table": "fct_x", "check": "no_holes", "reason": "the publisher was offline", "by": "Ann",
         "at": "2026-01-02T03:04:00+00:00", "failing_rows": 1, "beyond": None}
    ]  # fmt: skip
    verdict = write(tmp_path, GOOD, BAD, run_id="run-2")["fct_x"]
    assert verdict["accepted"] == [{"check": "no_holes", "reason": "the publisher was offline"}]
    gate.accept(tmp_path, "fct_x", "no_holes", reason="known hole", by="Ben", at=AT)
    assert [one.by for one in gate.accepted(tmp_path).values()] == ["Ben"]


@pytest.mark.parametrize(
    ("table", "check", "reason", "message"),
    [
        ("fct_z", "no_holes", "x", r"fct_z: no such table was checked \(did you mean fct_x\?\); see"),
        ("elsewhere", "no_holes", "x", "elsewhere: no such table was checked; see"),
        ("fct_x", "rows", "x", "no such check was run, expected one of no_holes, soft"),
        (
            "fct_x",
            "holes",
            "x",
            r"no such check was run \(did you mean no_holes\?\), expected one of no_holes",
        ),
        ("fct_x", "soft", "x", "is a warning, which blocks nothing"),
        ("fct_x", "no_holes", "  ", "reason: is empty"),
    ],
)
def test_what_cannot_be_accepted(tmp_path: Path, table: str, check: str, reason: str, message: str) -> None:
    write(tmp_path, BAD, replace(BAD, check="soft", severity="warning"))
    with pytest.raises(GateError, match=message):
        gate.accept(tmp_path, table, check, reason=reason, by="Ann", at=AT)
    assert gate.accepted(tmp_path) == {}


def test_what_dbt_said_of_other_bytes_does_not_pass_an_edited_table(tmp_path: Path) -> None:
    write(tmp_path, GOOD, UNIQUE)
    write(tmp_path, GOOD, run_id="same bytes")
    gate.require(tmp_path, {"fct_x": SHA})
    write(tmp_path, replace(GOOD, table_sha256=OTHER), run_id="edited")
    with pytest.raises(GateError, match="failed unique_combination_fct_x: did not run"):
        gate.require(tmp_path, {"fct_x": OTHER})
    write(tmp_path, replace(GOOD, table_sha256=SHA), UNIQUE, run_id="built again")
    gate.require(tmp_path, {"fct_x": SHA})


def test_dbt_results_of_the_build_do_not_speak_for_bytes_edited_since(tmp_path: Path) -> None:
    edited = write(tmp_path, replace(GOOD, table_sha256=OTHER), UNIQUE)["fct_x"]
    assert (edited["sha256"], edited["passed"]) == (OTHER, False)


def test_dbt_results_without_bytes_of_their_own_stand(tmp_path: Path) -> None:
    on_source = replace(UNIQUE, gate="raw", table="a/b", table_sha256=None)
    write(tmp_path, replace(GOOD, gate="raw", table="a/b"))
    for run_id in ("once", "again"):
        verdict = write(tmp_path, on_source, run_id=run_id)["a/b"]
        assert (verdict["sha256"], verdict["passed"]) == (SHA, True)
    gate.require(tmp_path, {"a/b": SHA}, gate="raw")


def _test_node(name: str, attached: str | None, reads: list[str], severity: str = "ERROR") -> dict[str, Any]:
    return {
        "name": name, "resource_type": "test", "attached_node": attached,
        "depends_on": {"nodes": reads}, "config": {"severity": severity},
    }  # fmt: skip


def _model(name: str, layer: str) -> dict[str, Any]:
    return {"name": name, "resource_type": "model", "fqn": ["chokepoint", layer, name]}


MANIFEST = {
    "nodes": {
        "model.x": _model("fct_x", "marts"),
        "model.d": _model("dim_x", "marts"),
        "model.s": _model("stg_x", "staging"),
        "test.unique": _test_node("unique_x", "model.x", ["model.x"]),
        "test.soft": _test_node("soft_x", "model.x", ["model.x"], "warn"),
        "test.source": _test_node("not_null_y", None, ["source.a.b"]),
        "test.staging": _test_node("accepted_stg", "model.s", ["model.s"]),
        "test.query": _test_node("own_query", None, ["model.d", "model.s", "model.x"]),
    },
    "sources": {"source.a.b": {"source_name": "a", "name": "b"}},
}


def test_dbt_tests_become_results() -> None:
    statuses = {
        "test.unique": ("pass", 0, None), "test.soft": ("warn", 2, "Got 2 results"),
        "test.source": ("fail", 7, "Got 7 results"), "test.staging": ("skipped", None, None),
        "test.query": ("error", None, "Binder\n Error"), "model.x": ("success", None, None),
    }  # fmt: skip
    entries = [
        {"unique_id": unique_id, "status": status, "failures": failures, "message": message}
        for unique_id, (status, failures, message) in statuses.items()
    ]
    results = {r.check: r for r in gate.dbt_results(entries, MANIFEST, {"fct_x": SHA})}
    assert {name: (r.gate, r.table, r.severity, r.success) for name, r in results.items()} == {
        "unique_x": ("marts", "fct_x", "error", True),
        "soft_x": ("marts", "fct_x", "warning", False),
        "not_null_y": ("raw", "a/b", "error", False),
        "accepted_stg": ("marts", "stg_x", "error", False),
        "own_query": ("marts", "fct_x", "error", False),
    }
    assert results["unique_x"].table_sha256 == SHA
    assert (results["not_null_y"].failing_rows, results["not_null_y"].error) == (7, None)
    assert results["accepted_stg"].error == "skipped"
    assert results["own_query"].error == "error: Binder Error"
