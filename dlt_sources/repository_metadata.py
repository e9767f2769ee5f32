"""What GitHub says of the repositories that are followed: number, name of today, birth, archive, licence.

Asked of GitHub's GraphQL API by ``chokepoint fetch``, nobody publishes it: a file a day on which something
changed, ``2026-11-18/repositories.jsonl``, with a row for each name that was asked for. A repository that was
renamed answers to its old name with its new one; one that is gone, private or blocked is a row that says so.
All of it is true on the day of the snapshot alone. Stars and forks are left out, and so are owners but for
their kind. Run alone: ``python -m dlt_sources repository_metadata DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from dlt_sources.archive import Snapshot, iter_read
from dlt_sources.json_lines import json_lines
from dlt_sources.tables import Rejects, Source, Table, stamped

FILES = "*/repositories.jsonl"
LINE = pa.schema(
    [
        pa.field("asked_name", pa.string(), nullable=False),
        pa.field("is_there", pa.bool_(), nullable=False),
        pa.field("github_id", pa.int64()),
        pa.field("name", pa.string()),
        pa.field("created_at", pa.string()),
        pa.field("archived_at", pa.string()),
        pa.field("is_archived", pa.bool_()),
        pa.field("is_fork", pa.bool_()),
        pa.field("language", pa.string()),
        pa.field("licence", pa.string()),
        pa.field("owner_kind", pa.string()),
    ]
)
TIMES = ("created_at", "archived_at")
COLUMNS = pa.schema(
    [
        pa.field("snapshot", pa.date32(), nullable=False),
        *(pa.field(f.name, pa.timestamp("us", "UTC")) if f.name in TIMES else f for f in LINE),
    ]
)


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, FILES):
        rows = json_lines(snapshot, file, data, LINE)
        yield stamped(rows, snapshot=file.observed or file.path.split("/")[0])


SOURCE = Source(
    name="repository_metadata",
    title="Repositories as GitHub knows them",
    tables=(
        Table("repositories", COLUMNS, (FILES,), _read, "one row per snapshot and name that was asked for"),
    ),
    cadence="0 6 3 * *",
)
