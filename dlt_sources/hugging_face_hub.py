"""Hugging Face Hub: models by month of creation, in snapshots of one's own.

Publisher: Hugging Face, metadata under its terms. A file ``snapshots/<day>/cohorts.jsonl`` is as
``fetch/services/hugging_face_hub.py`` writes it: sums over all models of a month (``all``), over those
that declare a base model (``declared``), over those that declare one of a maker (``derived``, by
relation) and over a maker's own (``own``). Models that were deleted before the day are gone; the month is
null for everything older than March 2022. No model and no person is in it. Run alone: ``python -m
dlt_sources hugging_face_hub DIR``.
"""

from __future__ import annotations

import pyarrow as pa

from dlt_sources.archive import File
from dlt_sources.json_lines import json_lines_reader
from dlt_sources.tables import Source, Table

FILES = "snapshots/*/cohorts.jsonl"
COLUMNS = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("owner", pa.string()),
        pa.field("relation", pa.string()),
        pa.field("created_month", pa.string()),
        pa.field("models", pa.int64(), nullable=False),
        pa.field("counted", pa.int64(), nullable=False),
        pa.field("downloads", pa.int64(), nullable=False),
        pa.field("downloads_all_time", pa.int64(), nullable=False),
        pa.field("snapshot", pa.date32(), nullable=False),
    ]
)
LARGEST = 10**15


def _day(file: File) -> dict[str, str]:
    return {"snapshot": file.path.split("/")[1]}


SOURCE = Source(
    name="hugging_face_hub",
    title="Hugging Face Hub: models by month of creation",
    tables=(
        Table(
            "cohorts",
            COLUMNS,
            (FILES,),
            json_lines_reader(FILES, COLUMNS, _day),
            "sums over models by snapshot, kind, maker, relation and month of creation",
            bounds=dict.fromkeys(("models", "counted", "downloads", "downloads_all_time"), (0, LARGEST)),
        ),
    ),
    cadence="0 5 1 * *",
)
