"""Where a run's seconds and memory go: sample, nothing changed, and the real archive with a peer.

``python -m benchmarks.run_cost [--archive DIR] [--runs N]``. The peer is a hand-written DuckDB script that
reads the same bulky files into tables and does nothing else: the floor of any pipeline over them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import printed

CHOKEPOINT = [sys.executable, "-c", "from orchestration.command.cli import main; main()"]
PACKAGES = ("dagster", "dlt", "dbt-core", "duckdb", "great-expectations", "pandas", "numpy")


@dataclass(frozen=True)
class Measured:
    """Wall and CPU seconds of a process tree, its peak memory in MB, and what it printed."""

    wall: float
    cpu: float
    peak: float
    out: str


def measure(command: Sequence[str]) -> Measured:
    """Run a command as a process of its own and wait for it and its children."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        out.seek(0)
        text = out.read()
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{' '.join(command)} failed:\n{text}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)


def row(label: str, runs: Sequence[Measured]) -> None:
    cpu, peak = statistics.median(run.cpu for run in runs), max(run.peak for run in runs)
    printed.row(label, [run.wall for run in runs], f"{cpu:.1f}", f"{peak:.0f}")


def run_command(home: Path, archive: Path | None) -> list[str]:
    origin = ["--origin", "archive", "--archive", str(archive)] if archive else []
    return [*CHOKEPOINT, "run", "--json", "--home", str(home), *origin]


def repeat(times: int, make: Callable[[Path], Sequence[str]], keep: Path | None = None) -> list[Measured]:
    """Measure a command several times, each in a new home, or all in the home that is kept."""
    runs = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(measure(make(keep or Path(folder, "home"))))
    return runs


PEER = Path(__file__).with_name("peer.py")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, help="the real archive; without it only the sample is timed")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    printed.setting(PACKAGES)
    printed.header("seconds", "CPU s", "peak MB")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        first = repeat(given.runs - 1, lambda new: run_command(new, None))
        first.append(measure(run_command(home, None)))
        row("sample, from nothing", first)
        row("sample, nothing changed", repeat(given.runs, lambda new: run_command(home, None), home))
        if given.archive:
            row("real archive, from nothing",
                real := repeat(given.runs, lambda new: run_command(new, given.archive)))  # fmt: skip
            row(f"peer: DuckDB {duckdb.__version__} reads the bulky files",
                repeat(given.runs, lambda new: [sys.executable, str(PEER), str(given.archive)]))  # fmt: skip
            first = real
    print("\nwhere the seconds go (last run)")
    content = json.loads(first[-1].out[first[-1].out.index("{") :])
    for step, seconds in sorted(content["seconds"].items(), key=lambda item: -item[1]):
        print(f"  {step:<28} {seconds:6.1f} s {content['rows'].get(step, 0):>12,} rows")
    rest = content["total_seconds"] - sum(content["seconds"].values())
    print(f"  {'imports, planning, the rest':<28} {rest:6.1f} s")


if __name__ == "__main__":
    main()
