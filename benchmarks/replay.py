"""``python -m benchmarks.replay --home HOME --archive DIR``: the months as they came, through the raw gate.

Each month's archive is what had been observed by its last day, and each month is compared with the one
before, as a run of every month would be (``gate/baseline``). What blocks is printed and accepted as far as it
goes, so that the next month is asked the next question. Files without a day stay as they are in every
month: their history is not in the archive. Not here: what the gate misses (``mutations``).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dlt_sources import SOURCES
from dlt_sources.archive import open_snapshot
from dlt_sources.tables import Source
from expectations import Result, raw, validation
from orchestration.gate.extents import extent, is_worse, worsened
from orchestration.gate.last_accepted import aggregates
from orchestration.home.acceptances import Extent
from orchestration.translators import tables_of

DATED = [source for source in SOURCES if not source.local]
Known = dict[tuple[str, str], Extent]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.replay", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--months", type=int, default=36)
    given = parser.parse_args(arguments)
    observed = {source.name: _days(given.archive, source) for source in DATED}
    newest = max(day for days in observed.values() for day in days.values() if day)
    ends = [m.end_time.date() for m in pd.period_range(end=newest, periods=given.months + 1, freq="M")]
    accepted: Known = {}
    standing: Known = {}
    with tempfile.TemporaryDirectory() as folder:
        before: dict[str, Sequence[Path]] = {}
        for number, end in enumerate(ends):
            paths = _tables(given.home, observed, end, Path(folder) / "now")
            results = worsened(_judged(paths, before), standing)
            blocking = [r for r in results if _blocks(r, accepted)]
            if number:  # the first month has none before it
                _print(end, results, blocking)
            standing = {(r.table, r.check): extent(r) for r in results if not r.success}
            accepted |= standing
            before = _baselines(paths, Path(folder) / "before")


def _days(archive: Path, source: Source) -> dict[str, date | None]:
    """The day that each listed file speaks for, by path."""
    files = open_snapshot(archive, source.name).files
    return {file.path: date.fromisoformat(file.observed) if file.observed else None for file in files}


def _tables(
    home: Path, observed: Mapping[str, Mapping[str, date | None]], end: date, folder: Path
) -> dict[str, Sequence[Path]]:
    """The lake with the rows of what had been observed by ``end``."""
    out: dict[str, Sequence[Path]] = {}
    for source in DATED:
        later = pa.array([p for p, day in observed[source.name].items() if day and day > end], pa.string())
        for table in tables_of(source):
            files = sorted((home / "lake" / "raw" / source.name / table).glob("*.parquet"))
            if not files:
                continue
            rows = pa.concat_tables([pq.read_table(file) for file in files])
            column = "file" if table == "_rejected" else "_source_file"
            kept = rows.filter(pc.invert(pc.is_in(rows[column], later)))
            target = folder / source.name / f"{table}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(kept.replace_schema_metadata(pq.read_schema(files[0]).metadata), target)
            out[f"{source.name}/{table}"] = [target]
    return out


def _judged(paths: Mapping[str, Sequence[Path]], before: Mapping[str, Sequence[Path]]) -> list[Result]:
    known = [name.removeprefix("baseline/") for name in before]
    return validation.run(raw.checks(DATED, baselines=known), {**paths, **before}, {})


def _baselines(paths: Mapping[str, Sequence[Path]], folder: Path) -> dict[str, Sequence[Path]]:
    """What this month would leave for the next."""
    folder.mkdir(exist_ok=True)
    for source in DATED:
        pq.write_table(aggregates(source, paths), folder / f"{source.name}.parquet")
    return {f"baseline/{source.name}": [folder / f"{source.name}.parquet"] for source in DATED}


def _blocks(result: Result, accepted: Known) -> bool:
    if result.success or result.severity != "error":
        return False
    then = accepted.get((result.table, result.check))
    return result.error is not None or then is None or is_worse(extent(result), then)


def _print(end: date, results: Sequence[Result], blocking: Sequence[Result]) -> None:
    warned = sum(not r.success and r.severity == "warning" for r in results)
    sys.stdout.write(f"{end:%Y-%m} {len(blocking)} block, {warned} warnings of {len(results)}\n")
    for r in blocking:
        sys.stdout.write(f"    {r.table} {r.check}: {r.error or r.observed}, expected {r.expected}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
