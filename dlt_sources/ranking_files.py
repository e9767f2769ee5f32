"""Ranking files: the layout of top lists that several publishers of daily rankings share.

A row is one repository in one list on one day; the day is the manifest's or the file name's.
Descriptions are dropped: nothing reads them and some contain mail addresses. Not here: which lists a
publisher has and what they mean (one module per source).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read
from dlt_sources.tables import Rejects, Table, csv_strings, stamped

FILES_AT_ONCE = 64  # converted together: one conversion costs as much as 3,000 rows

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

COLUMNS = pa.schema(
    [
        pa.field("observed", pa.date32(), nullable=False),
        pa.field("item", pa.string(), nullable=False),
        pa.field("rank", pa.int64(), nullable=False),
        pa.field("repo_url", pa.string(), nullable=False),
        pa.field("stars", pa.int64(), nullable=False),
        pa.field("forks", pa.int64(), nullable=False),
        pa.field("issues", pa.int64()),
        pa.field("language", pa.string()),
        pa.field("last_commit", pa.timestamp("us", "UTC")),
    ]
)
WANTED = {name: name for name in COLUMNS.names if name != "observed"}


def _observed(file: File, source: str) -> str:
    days = _DAY.findall(file.path)
    if not file.observed and not days:
        raise ArchiveError(
            f"archive: {source}/{file.path}: observed: is null and the name has no day; add it"
        )
    return file.observed or str(days[-1])


def _typed(rows: pa.Table) -> pa.Table:
    """Columns that convert as a whole, converted; one that does not stays text, and ``conform`` says
    which of its rows are at fault. A third of the time it takes alone."""
    for column in COLUMNS:
        place = rows.schema.get_field_index(column.name)
        try:
            rows = rows.set_column(place, column.name, rows.column(place).cast(column.type))
        except pa.ArrowInvalid:
            continue
    return rows


def rankings(glob: str) -> Table:
    """The table of ranking files at these paths, whoever publishes them in this layout."""

    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        parts: list[pa.Table] = []
        for file, data in iter_read(snapshot, glob):
            rows = csv_strings(data, file, WANTED, rejects, "rankings")
            parts.append(stamped(rows, observed=_observed(file, snapshot.source)))
            if len(parts) == FILES_AT_ONCE:
                yield _typed(pa.concat_tables(parts))
                parts = []
        if parts:
            yield _typed(pa.concat_tables(parts))

    return Table(
        "rankings",
        COLUMNS,
        (glob,),
        read,
        "One row per day, list (item) and place; repo_url is the name of that day",
        bounds={"rank": (1, 100), "stars": (0, 10_000_000), "forks": (0, 10_000_000)},
    )
