"""What an hour of events costs beside only unpacking it, and beside other readers of JSON.

On one core, in turns: python-isal alone, the scan, and DuckDB and Polars counting types and listing the
events of tracked repositories (what the scan gives, less its dates and hashes). Seconds of CPU a file, and as
multiples of isal; then files of 1, 4 and 16 times as many events, with the most memory that a process of its
own takes for the scan.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from isal import igzip

from benchmarks import printed
from benchmarks.generated_hours import HOUR, KINDS, TRACKED, write_hour
from dlt_sources.github_hours.scan import scan

RUNS = 5
EVENTS = {"old": 60_000, "trimmed": 150_000}
GROWTH = (1, 4, 16)
SMALLEST = 15_000  # events of the growth's first file


def main() -> None:
    printed.setting(["isal", "numpy", "orjson", "duckdb", "polars"])
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            path = Path(folder, f"{kind}.json.gz")
            size = write_hour(path, kind, EVENTS[kind])
            _beside_others(f"{kind}, {EVENTS[kind]:,} events, {size / 1e6:,.0f} MB", path)
        _growth(Path(folder, "growing.json.gz"))


def _beside_others(title: str, path: Path) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in READERS}
    for _ in range(RUNS):  # in turns: a machine that is busy for a while is so for all
        for name, read in READERS.items():
            began = time.process_time()
            read(path)
            seconds[name].append(time.process_time() - began)
    printed.header(f"{title}: seconds of CPU", "times isal")
    for name, values in seconds.items():
        printed.row(name, values, f"{min(values) / min(seconds['isal alone']):.2f}", digits=3)


def _growth(path: Path) -> None:
    printed.header("trimmed, events: seconds of CPU", "MB at most")
    for times in GROWTH:
        write_hour(path, "trimmed", times * SMALLEST)
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
            measured = [pool.apply(_measured, (path,)) for _ in range(RUNS)]
        values = [seconds for seconds, _ in measured]
        printed.row(f"{times * SMALLEST:,}", values, f"{max(peak for _, peak in measured):.0f}", digits=3)


def _measured(path: Path) -> tuple[float, float]:
    """Seconds and the most megabytes of this process so far."""
    began = time.process_time()
    _scan(path)
    return time.process_time() - began, printed.peak_megabytes()


def _isal(path: Path) -> None:
    buffer = bytearray(1 << 20)
    with igzip.open(path, "rb") as content:
        while content.readinto(buffer):
            pass


def _scan(path: Path) -> None:
    with path.open("rb") as content:
        scan(content, HOUR, TRACKED, bytes(16))


def _duckdb(path: Path) -> None:
    import duckdb

    columns = (
        "columns = {type: 'varchar', actor: 'struct(id bigint)', repo: 'struct(id bigint)', id: 'varchar'}"
    )
    listed = ", ".join(map(str, TRACKED.by_id))
    with duckdb.connect() as con:
        con.execute("set threads = 1")
        source = f"read_json('{path}', format = 'newline_delimited', {columns})"
        con.execute(f"create temp table kept as from {source} where repo.id in ({listed})")
        con.execute(f"select type, count(*) from {source} group by type").fetchall()


def _polars(path: Path) -> None:
    import polars as pl

    schema = {
        "id": pl.String,
        "type": pl.String,
        "actor": pl.Struct({"id": pl.Int64}),
        "repo": pl.Struct({"id": pl.Int64}),
    }
    content = pl.read_ndjson(igzip.decompress(path.read_bytes()), schema=schema)
    content.filter(pl.col("repo").struct.field("id").is_in(list(TRACKED.by_id)))
    content.group_by("type").len()


READERS: Mapping[str, Callable[[Path], None]] = {
    "isal alone": _isal,
    "scan": _scan,
    "DuckDB": _duckdb,
    "Polars": _polars,
}


if __name__ == "__main__":
    main()
