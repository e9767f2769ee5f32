"""``chokepoint check``: both gates on what is there; what failed is printed with its names whole.

Not here: which checks there are (``expectations``), what a run prints of them (``terminal``).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from expectations import Result
from expectations.worker import start_worker
from orchestration.errors import UserError
from orchestration.gate.audit import accepted_checks, audit, is_blocking, mart_checks, raw_checks
from orchestration.home.lock import held
from orchestration.settings import Settings
from orchestration.warehouse import manifest as read_manifest

INDENT = 9
STYLES = {"passed": "green", "accepted": "yellow", "warning": "yellow", "error": "bold red"}
COUNTED = {"error": "failed", "warning": "to look at (warnings)", "accepted": "failed and accepted"}


def check_home(settings: Settings, console: Console, *, is_all: bool, as_json: bool) -> None:
    """Run both gates on what is there, and print what failed, or every check.

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
        for row in rows:
            if is_all or not row["success"]:
                _print_check(console, row, (row["table"], row["check"]) in accepted, settings.flags)
        _print_counts(console, rows, accepted)
    results = [Result(**row) for row in rows]
    failed = [r for r in results if is_blocking(r, accepted)]
    if failed:
        first = failed[0]
        raise UserError(
            f"gate: {first.table}: {first.check}: {first.error or first.observed}, expected {first.expected}"
            + (f" (and {len(failed) - 1} more)" if failed[1:] else "")
            + "; mend the data or accept it with a reason"
        )


def _print_check(console: Console, row: Mapping[str, Any], is_accepted: bool, flags: str) -> None:
    """A check and what it found. Its names stay whole on one line, for ``accept`` asks for them."""
    mark = "passed" if row["success"] else "accepted" if is_accepted else row["severity"]
    line = Text(f"{mark:<{INDENT}}", STYLES[mark])
    line.append(f"{row['table']} {row['check']}", "default")
    console.print(line, soft_wrap=True)
    if row["success"]:
        return
    found = row["error"] or row["observed"] or "no such row was allowed"
    expected = f", expected {row['expected']}" if row["expected"] else ""
    console.print(Padding(Text(f"{found}{expected}"), (0, 0, 0, INDENT)))
    if mark == "error":
        remedy = f"mend the data, or: chokepoint accept {row['table']} {row['check']} --reason TEXT{flags}"
        console.print(Text(" " * INDENT + remedy), soft_wrap=True)


def _print_counts(
    console: Console, rows: Sequence[Mapping[str, Any]], accepted: Collection[tuple[str, str]]
) -> None:
    passed = sum(row["success"] for row in rows)
    failed = Counter(
        "accepted" if (row["table"], row["check"]) in accepted else row["severity"]
        for row in rows if not row["success"]
    )  # fmt: skip
    parts = [f"{passed:,} of {len(rows):,} checks pass"]
    parts += [f"{failed[mark]} {words}" for mark, words in COUNTED.items() if failed[mark]]
    console.print("\n" + ", ".join(parts), highlight=False)
