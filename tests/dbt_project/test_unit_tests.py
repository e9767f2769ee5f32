"""dbt's own unit tests (`unit_tests:` beside each model), which a run of the pipeline leaves out.

They need the relations they replace to exist, for their columns: here those of a finished sample run.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

from orchestration.warehouse import variables

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"

pytestmark = pytest.mark.slow


def test_models_do_what_their_unit_tests_say(
    sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(sample_home / "warehouse.duckdb", tmp_path)
    monkeypatch.setenv("CHOKEPOINT_LAKE", str(sample_home / "lake"))
    monkeypatch.setenv("CHOKEPOINT_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    target = tmp_path / "target"
    done = dbtRunner().invoke(
        ["--quiet", "test", "--select", "test_type:unit", "--project-dir", str(PROJECT),
         "--profiles-dir", str(PROJECT), "--target-path", str(target), "--log-path", str(tmp_path),
         "--vars", json.dumps(variables())]
    )  # fmt: skip
    assert done.exception is None, done.exception
    results = json.loads((target / "run_results.json").read_text())["results"]
    declared = json.loads((target / "manifest.json").read_text())["unit_tests"]
    assert {result["unique_id"] for result in results} == set(declared)
    faults = {r["unique_id"].split(".", 2)[2]: r["message"] for r in results if r["status"] != "pass"}
    assert not faults, "\n\n".join(f"{name}\n{message}" for name, message in faults.items())
