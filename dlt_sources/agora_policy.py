"""AGORA, the Emerging Technology Observatory's collection of AI laws, policies and standards.

Publisher: eto.tech/dataset-docs/agora-dataset; ETO terms of use, citation required. A dated snapshot
lies in ``<day>/``: ``documents.csv`` (UTF-8 with BOM, 100 columns, 77 of them tag flags that repeat
the column ``Tags``) and ``authorities.csv``. Two dates: a bill's activity date is the day of its last
step, which for a defunct one is the day it died, so ``proposed_date`` dates a document. Only annotated
documents have tags; of the others' summaries some are unreviewed machine output.

Not read: ``collections.csv`` (one name with commas is not quoted and breaks into three rows) and CSET's
subset of enacted laws (every id and column of it is in ``documents.csv``).
Run alone: ``python -m dlt_sources agora_policy DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dlt_sources.archive import File, Snapshot, iter_read
from dlt_sources.tables import Rejects, Source, Table, csv_reader, csv_strings, stamped, with_position

DOCUMENTS_GLOB = "*/documents.csv"
AUTHORITIES_GLOB = "*/authorities.csv"
DOCUMENT_FIELDS = {
    "AGORA ID": "agora_id",
    "Official name": "official_name",
    "Link to document": "link",
    "Authority": "authority",
    "Most recent activity": "most_recent_activity",
    "Most recent activity date": "most_recent_activity_date",
    "Proposed date": "proposed_date",
    "Annotated?": "is_annotated",
    "Validated?": "is_validated",
    "Short summary": "short_summary",
    "Long summary": "long_summary",
    "Summaries and tags may include unreviewed machine output": "is_machine_written",
}
AUTHORITY_FIELDS = {"Name": "name", "Jurisdiction": "jurisdiction", "Parent authority": "parent_authority"}
TAGS = "Tags"

DOCUMENTS = pa.schema(
    [
        pa.field("agora_id", pa.int64(), nullable=False),
        pa.field("official_name", pa.string(), nullable=False),
        pa.field("link", pa.string()),
        pa.field("authority", pa.string(), nullable=False),
        pa.field("most_recent_activity", pa.string(), nullable=False),
        pa.field("most_recent_activity_date", pa.date32(), nullable=False),
        pa.field("proposed_date", pa.date32()),
        pa.field("is_annotated", pa.bool_(), nullable=False),
        pa.field("is_validated", pa.bool_(), nullable=False),
        pa.field("short_summary", pa.string()),
        pa.field("long_summary", pa.string()),
        pa.field("is_machine_written", pa.bool_(), nullable=False),
        pa.field("snapshot", pa.date32(), nullable=False),
    ]
)
DOCUMENT_TAGS = pa.schema(
    [
        pa.field("agora_id", pa.int64(), nullable=False),
        pa.field("tag", pa.string(), nullable=False),
        pa.field("snapshot", pa.date32(), nullable=False),
    ]
)
AUTHORITIES = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("jurisdiction", pa.string()),
        pa.field("parent_authority", pa.string()),
        pa.field("snapshot", pa.date32(), nullable=False),
    ]
)


def _day(file: File) -> dict[str, str]:
    return {"snapshot": file.observed or file.path.split("/")[0]}


def _document_tags(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    fields = {"AGORA ID": "agora_id", TAGS: "tags"}
    for file, data in iter_read(snapshot, DOCUMENTS_GLOB):
        # broken records of this file are counted once, under `documents`
        rows = csv_strings(data, file, fields, Rejects(snapshot.source), "document_tags")
        tags = pc.split_pattern(rows["tags"], ";")
        exploded = pa.table(
            {
                "agora_id": rows["agora_id"].take(pc.list_parent_indices(tags)),
                "tag": pc.utf8_trim_whitespace(pc.list_flatten(tags)),
            }
        )
        yield stamped(with_position(exploded, file), **_day(file))


SOURCE = Source(
    name="agora_policy",
    title="AGORA: AI laws, policies and standards",
    tables=(
        Table(
            "documents",
            DOCUMENTS,
            (DOCUMENTS_GLOB,),
            csv_reader("documents", DOCUMENTS_GLOB, DOCUMENT_FIELDS, _day),
            "documents, one row per snapshot",
        ),
        Table(
            "document_tags",
            DOCUMENT_TAGS,
            (DOCUMENTS_GLOB,),
            _document_tags,
            "tags of annotated documents, one row per document and tag",
        ),
        Table(
            "authorities",
            AUTHORITIES,
            (AUTHORITIES_GLOB,),
            csv_reader("authorities", AUTHORITIES_GLOB, AUTHORITY_FIELDS, _day),
            "who issues, and under which jurisdiction",
        ),
    ),
    cadence="0 7 3 * *",
)
