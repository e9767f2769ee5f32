"""What loading costs, a source at a time: reading and typing its files, and bringing them into a lake.

``python -m benchmarks.loading_cost [--archive DIR] [SOURCE ...]``; without an archive, of the sample. CPU
seconds, so that a busy machine tells the same; what dlt adds is the same for every source, a part for each
of its tables.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks import printed
from dlt_sources import SOURCES
from dlt_sources.pipeline import dlt_source, lake_pipeline
from dlt_sources.sample import write_archive
from dlt_sources.tables import Source, load
from orchestration import environment  # noqa: F401  (dlt asks for nothing and says nothing, as in a run)

SEED = 1


def row(source: Source, archive: Path) -> tuple[float, float]:
    """Print a source's line; CPU seconds of reading, and of all that loading it takes."""
    began = time.process_time()
    tables = load(source, archive)
    reading = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        pipeline = lake_pipeline(source, Path(folder, "lake"), Path(folder, "state"))
        pipeline.run(dlt_source(source, archive), loader_file_format="parquet")
        whole = time.process_time() - began
    files = [file for file in (archive / source.name).rglob("*") if file.is_file()]
    print(
        f"{source.name:<{printed.LABEL}} {reading:8.2f} {whole:8.2f} {len(tables):8} "
        f"{sum(table.num_rows for table in tables.values()):12,} "
        f"{sum(file.stat().st_size for file in files) / 1e6:8.1f}",
        flush=True,
    )
    return reading, whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, help="the real archive; without it the sample is loaded")
    parser.add_argument("sources", nargs="*", help="all of them unless named")
    given = parser.parse_args()
    printed.setting(("dlt", "pyarrow"))
    with tempfile.TemporaryDirectory() as folder:
        archive = given.archive or Path(folder)
        if not given.archive:
            write_archive(archive, SEED)
        names = " ".join(f"{name:>8}" for name in ("read", "loaded", "tables"))
        print(f"\n{'CPU seconds':<{printed.LABEL}} {names} {'rows':>12} {'MB':>8}")
        costs = [row(one, archive) for one in SOURCES if not given.sources or one.name in given.sources]
    reading, whole = map(sum, zip(*costs, strict=True))
    print(f"{'all':<{printed.LABEL}} {reading:8.2f} {whole:8.2f}")


if __name__ == "__main__":
    main()
