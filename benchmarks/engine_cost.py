"""What a month of GitHub's events costs: the scanner beside Spark on the same hours, and the whole history
by rate.

``python -m benchmarks.engine_cost [--events N] [--master URL] [--write]`` writes N generated events
(SIMULATED) and two smaller sets, a quarter and a sixteenth, as hour files, reduces each by both engines,
compares their rows and prints seconds, rates and memory; with ``--write`` also the tables of
docs/explanation/scale.md. Each engine runs in a process of its own. Not here: the scan against other
readers of JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import printed
from benchmarks.hour_templates import EVENTS_PER_HOUR, job, write_hours
from dlt_sources.github_hours.definition import REDUCED
from dlt_sources.github_hours.engines import reduce_month

SIZES = (16, 4, 1)  # parts of the events
PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "scale.md"
MARK = "<!-- {edge} of what benchmarks.engine_cost writes -->"


@dataclass(frozen=True)
class Cost:
    """One engine on one set of hours. ``seconds`` of the wall, ``cores`` that it may use, ``memory`` in
    MB.
    """

    engine: str
    events: int
    hours: int
    unpacked: int
    packed: int
    seconds: float
    cores: int
    memory: float
    rows_sha256: str

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds

    @property
    def unpacked_per_core_second(self) -> float:
        return self.unpacked / self.seconds / self.cores


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=4_000_000)
    parser.add_argument("--master", default="local[*]")
    parser.add_argument("--write", action="store_true", help="the tables of docs/explanation/scale.md too")
    parser.add_argument("--alone", nargs=2, metavar=("ENGINE", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.alone:
        print(json.dumps(_alone(given.alone[0], Path(given.alone[1]), given.master)))
        return
    printed.setting(["pyspark", "pyarrow", "isal", "orjson", "duckdb"])
    print(f"\n{'SIMULATED hours':<24}{'events':>14}{'seconds':>10}{'events/s':>12}{'MB':>8}  rows")
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory(prefix="engine-cost-") as folder:
        for cost in _measured(Path(folder), given.events, given.master):
            costs.append(cost)
            print(
                f"{cost.engine:<24}{cost.events:>14,}{cost.seconds:>10.1f}{cost.events_per_second:>12,.0f}"
                f"{cost.memory:>8,.0f}  {cost.rows_sha256[:12]}",
                flush=True,
            )
    _refuse_differences(costs)
    lines = [*_measured_table(costs), "", *history_table(costs)]
    print("\n" + "\n".join(lines))
    if given.write:
        _write(lines)


def _measured(folder: Path, events: int, master: str) -> Iterator[Cost]:
    for size in SIZES:
        hours = max(1, round(events / size / EVENTS_PER_HOUR))
        per_hour = min(EVENTS_PER_HOUR, events // size)
        unpacked = write_hours(folder, hours, per_hour)
        files = sorted(folder.glob("*.json.gz"))
        packed = sum(file.stat().st_size for file in files)
        for engine in ("scan", "spark"):
            command = [sys.executable, "-m", "benchmarks.engine_cost", "--master", master]
            done = subprocess.run(
                [*command, "--alone", engine, str(folder)], stdout=subprocess.PIPE, text=True, check=True
            )
            found = json.loads(done.stdout.splitlines()[-1])
            cores = 1 if engine == "scan" else os.cpu_count() or 1
            yield Cost(engine, hours * per_hour, hours, unpacked, packed, cores=cores, **found)


def _alone(engine: str, folder: Path, master: str) -> dict[str, object]:
    began = time.perf_counter()
    made = reduce_month(engine, job(folder, spark_master=master))
    seconds = time.perf_counter() - began
    digest = hashlib.sha256()
    for name in REDUCED:
        table = made.tables[name]
        columns = [column for column in table.column_names if column != "engine"]
        digest.update(repr(table.select(columns).to_pydict()).encode())
    # of this process alone: Spark's JVM and workers are not in it
    memory = printed.peak_megabytes()
    return {"seconds": seconds, "memory": memory, "rows_sha256": digest.hexdigest()}


def _refuse_differences(costs: Sequence[Cost]) -> None:
    for events in {cost.events for cost in costs}:
        if len({cost.rows_sha256 for cost in costs if cost.events == events}) != 1:
            raise SystemExit(f"engine_cost: rows of {events:,} events differ by engine")


def _measured_table(costs: Sequence[Cost]) -> list[str]:
    machine = f"{os.cpu_count()} cores, {platform.system()}, load {os.getloadavg()[0]:.1f} at the end"
    return [
        f"Measured on {datetime.now(UTC):%Y-%m-%d} ({machine}), SIMULATED hours of {EVENTS_PER_HOUR:,} "
        "events, rows of both engines equal:",
        "",
        "| engine | cores | hours | events | unpacked GB | seconds | events a second | MB/s a core |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {c.engine} | {c.cores} | {c.hours} | {c.events:,} | {c.unpacked / 1e9:.1f} "
            f"| {c.seconds:,.0f} | {c.events_per_second:,.0f} | {c.unpacked_per_core_second / 1e6:,.0f} |"
            for c in costs
        ),
    ]


@dataclass(frozen=True)
class PublicHistory:
    """The public history to 2026-11, from stored documents: docs/explanation/scale.md says whose figure is
    which.
    """

    events: float = 11.1e9
    packed: float = 3e12  # bytes of hour files
    ratio: float = 10.0  # unpacked bytes a packed one
    months: int = 190
    narrow_columns: float = 60.0  # bytes an event that BigQuery would scan: type, names and ids, time
    tebibyte: float = 2.0**40
    per_tebibyte: float = 6.25  # USD
    free_tebibytes: float = 1.0
    payload_year: float = 9e12  # bytes
    core_hour: float = 0.05  # USD; an assumption
    line: float = 125e6  # bytes a second: 1 Gbit/s


def history_table(costs: Sequence[Cost], history: PublicHistory = PublicHistory()) -> list[str]:
    """Markdown: the full history by engine, from the rates of the largest set."""
    largest = {cost.engine: cost for cost in sorted(costs, key=lambda cost: cost.events)}
    unpacked = history.packed * history.ratio
    rows = []
    for engine, cores in (("scan", 1), ("spark", 16), ("spark", 64), ("spark", 256)):
        rate = largest[engine].unpacked_per_core_second
        core_hours = unpacked / rate / 3600
        rows.append(
            f"| {engine}, hour files | {cores} | {core_hours / cores:,.1f} h | {core_hours:,.0f} "
            f"| {core_hours * history.core_hour:,.0f} USD |"
        )
    narrow = history.events * history.narrow_columns / history.tebibyte
    payload = history.payload_year / history.tebibyte
    return [
        f"The full public history at these rates: {history.events / 1e9:.1f} bn events, "
        f"{history.packed / 1e12:.0f} TB of hour files, {unpacked / 1e12:.0f} TB unpacked. Copying the files "
        f"once at 1 Gbit/s takes {history.packed / history.line / 3600:.1f} h.",
        "",
        "| way | cores | time | core hours | cost |",
        "|---|---|---|---|---|",
        *rows,
        f"| ClickHouse, public table | none | {4 * history.months:,} queries for 100 names | none | 0 USD |",
        f"| BigQuery, five columns | none | minutes | none "
        f"| {max(0.0, narrow - history.free_tebibytes) * history.per_tebibyte:,.0f} USD "
        f"({narrow:.2f} TiB scanned, {history.free_tebibytes:.0f} free a month) |",
        "| BigQuery, payload of one year | none | minutes | none "
        f"| {payload * history.per_tebibyte:,.0f} USD |",
    ]


def _write(lines: Sequence[str]) -> None:
    begin, end = MARK.format(edge="begin"), MARK.format(edge="end")
    page = PAGE.read_text(encoding="utf-8")
    block = "\n".join([begin, "", *lines, "", end])
    PAGE.write_text(
        re.sub(f"{re.escape(begin)}.*{re.escape(end)}", lambda _: block, page, flags=re.S), "utf-8"
    )


if __name__ == "__main__":
    main()
