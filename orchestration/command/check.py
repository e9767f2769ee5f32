"""``chokepoint check``: both gates on what is there, every check printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console

from expectations import Result
from expectations.worker import start_worker
from orchestration.command.terminal import table
from orchestration.errors import UserError
from orchestration.gate.audit import accepted_checks, audit, is_blocking, mart_checks, raw_checks
from orchestration.home.lock import held
from orchestration.settings import Settings
from orchestration.warehouse import manifest as read_manifest


def check_home(settings: Settings, console: Console, as_json: bool) -> None:
    """``chokepoint check``: both gates on what is there, every check printed.

    Raises:
        UserError: there is nothing to check, or an error check failed that nobody accepted.
    """
    if not any(settings.marts.glob("*.parquet")):
        raise UserError(f"home: {settings.home_path}: no marts to check; run `chokepoint run` first")
    run_id = f"check-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    with held(settings), start_worker() as worker:
        manifest = read_manifest()
        audit(settings, raw_checks(settings), worker, run_id)
        audit(settings, mart_checks(manifest), worker, run_id, manifest)
    # what was written down: dbt's tests too, as far as they speak for the bytes that are there
    rows = pq.read_table(settings.gate / "checks.parquet").to_pylist()
    accepted = accepted_checks(settings)
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
    else:
        shown = [(_mark(row, accepted), row["table"], row["check"], row["severity"],
                  row["error"] or row["observed"], row["expected"]) for row in rows]  # fmt: skip
        table(console, "Checks", ("", "table", "check", "severity", "observed", "expected"), shown)
    results = [Result(**row) for row in rows]
    failed = [r for r in results if is_blocking(r, accepted)]
    console.print(f"\n{sum(r.success for r in results)} of {len(results)} checks pass", highlight=False)
    if failed:
        first = failed[0]
        raise UserError(
            f"gate: {first.table}: {first.check}: {first.error or first.observed}, expected {first.expected}"
            + (f" (and {len(failed) - 1} more)" if failed[1:] else "")
            + "; mend the data or accept it with a reason"
        )


def _mark(row: Mapping[str, Any], accepted: Collection[tuple[str, str]]) -> str:
    if row["success"]:
        return "✓"
    return "accepted" if (row["table"], row["check"]) in accepted else "✗"
