"""Weekly counts of hand-listed open machine-learning projects, by two independent collectors.

Publishers: github.com/ml-tooling/best-of-ml-python and github.com/dsanr/best-of-ML, CC BY-SA 4.0 (what is
derived from them is shared alike). A row is one project of a list in one run; counts are levels at
the time of the run, written as floats. Files have about 65 columns whose order and set change, and a
first one without a name: twelve are read, by name. A project has the name that the list gives it;
``updated_github_id`` says where it moved. Downloads are rolling sums of thirty days and are not read.
Which runs count and what a change between two is, is decided in SQL. Run alone:
``python -m dlt_sources best_of_ml DIR``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read
from dlt_sources.tables import Rejects, Source, Table, csv_strings, stamped

FILES = "*/*_projects.csv"
FILES_AT_ONCE = 64  # converted together: one conversion costs as much as 3,000 rows

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

COLUMNS = pa.schema(
    [
        pa.field("collector", pa.string(), nullable=False),
        pa.field("observed", pa.date32(), nullable=False),
        pa.field("github_id", pa.string()),
        pa.field("updated_github_id", pa.string()),
        pa.field("category", pa.string()),
        pa.field("resource", pa.bool_()),
        pa.field("star_count", pa.int64()),
        pa.field("fork_count", pa.int64()),
        pa.field("commit_count", pa.int64()),
        pa.field("closed_issue_count", pa.int64()),
        pa.field("contributor_count", pa.int64()),
    ]
)
WANTED = {name: name for name in COLUMNS.names if name not in ("collector", "observed")}
COUNTS = tuple(name for name in COLUMNS.names if name.endswith("_count"))
# younger than the lists, or absent where the collector could not reach GitHub in that run
OPTIONAL = ("updated_github_id", "resource", *(name for name in COUNTS if name != "star_count"))


def _observed(file: File) -> str:
    days = _DAY.findall(file.path)
    if not file.observed and not days:
        raise ArchiveError(
            f"archive: best_of_ml/{file.path}: observed: is null and the name has no day; add it"
        )
    return file.observed or str(days[-1])


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    parts: list[pa.Table] = []
    for file, data in iter_read(snapshot, FILES):
        rows = csv_strings(data, file, WANTED, rejects, "projects", OPTIONAL)
        parts.append(stamped(rows, collector=file.path.split("/")[0], observed=_observed(file)))
        if len(parts) == FILES_AT_ONCE:
            yield pa.concat_tables(parts)
            parts = []
    if parts:
        yield pa.concat_tables(parts)


SOURCE = Source(
    name="best_of_ml",
    title="Best-of lists of open machine-learning projects, weekly counts",
    tables=(
        Table(
            "projects",
            COLUMNS,
            (FILES,),
            _read,
            "one row per collector, run and project; counts are levels",
            bounds=dict.fromkeys(COUNTS, (0, 10_000_000)),
        ),
    ),
    cadence="0 8 * * 5",
)
