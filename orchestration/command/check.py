"""``chokepoint check``: both gates on what is there; what failed is printed with its names whole.

Not here: which checks there are (``expectations``), what a run prints of them (``terminal``).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pyarrow.parquet as pq
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from expectations import Result
from expectations.worker import start_worker
from orchestration.errors import UserError
from orchestration.gate import files as gate
from orchestration.gate.audit import audit, is_blocking, mart_checks, raw_checks
from orchestration.home.acceptances import Acceptance
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
    results, accepted = gate.newest(settings.home_path), gate.accepted(settings.home_path)
    if as_json:
        rows = pq.read_table(settings.gate / "checks.parquet").to_pylist()
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
    else:
        marks = [_mark(result, accepted) for result in results]
        for result, mark in zip(results, marks, strict=True):
            if is_all or not result.success:
                _print_check(console, result, mark, settings.flags)
        _print_counts(console, marks)
    failed = [r for r in results if is_blocking(r, accepted)]
    if failed:
        first = failed[0]
        raise UserError(
            f"gate: {first.table}: {first.check}: {first.error or first.observed}, expected {first.expected}"
            + (f" (and {len(failed) - 1} more)" if failed[1:] else "")
            + "; mend the data or accept it with a reason"
        )


def _mark(result: Result, accepted: Mapping[tuple[str, str], Acceptance]) -> str:
    if result.success:
        return "passed"
    return "accepted" if gate.is_accepted(result, accepted) else result.severity


def _print_check(console: Console, result: Result, mark: str, flags: str) -> None:
    """A check and what it found. Its names stay whole on one line, for ``accept`` asks for them."""
    line = Text(f"{mark:<{INDENT}}", STYLES[mark])
    line.append(f"{result.table} {result.check}", "default")
    console.print(line, soft_wrap=True)
    if result.success:
        return
    found = result.error or result.observed or "no such row was allowed"
    expected = f", expected {result.expected}" if result.expected else ""
    console.print(Padding(Text(f"{found}{expected}"), (0, 0, 0, INDENT)))
    if mark == "error":
        names = f"{result.table} {result.check}"
        remedy = f"mend the data, or: chokepoint accept {names} --reason TEXT{flags}"
        console.print(Text(" " * INDENT + remedy), soft_wrap=True)


def _print_counts(console: Console, marks: Sequence[str]) -> None:
    counts = Counter(marks)
    parts = [f"{counts['passed']:,} of {len(marks):,} checks pass"]
    parts += [f"{counts[mark]} {words}" for mark, words in COUNTED.items() if counts[mark]]
    console.print("\n" + ", ".join(parts), highlight=False)
