"""Documents of the State Council and six provincial governments, titled and dated, to September 2023.

Publisher: github.com/zongtihuoguoguan/Policy-Transparency-China-2024, data of a paper on policy
transparency; licence not stated, so only aggregates are published. One CSV derived from the workbooks of
the seven authorities: the office's own page, title in Chinese, the day on the document (``issued``) and
the day it was put on the page (``published``), which for the State Council is often years later. Either
day may be empty, or both. A workbook of Henan's repeats its rows.

What ``chokepoint fetch`` brings is another library: the State Council's and the ministries' documents on
gov.cn, a file a month of publication (``gov_cn/2026-10.jsonl``), with the document's number and subject.
``library`` tells the two apart.

Not read: ``document_numbers.derived.csv`` (numbers without titles, which no theme can be read from).
Run alone: ``python -m dlt_sources china_policy_documents DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from dlt_sources.archive import File, Snapshot, iter_read
from dlt_sources.json_lines import json_lines
from dlt_sources.model_names import mention_table
from dlt_sources.tables import Rejects, Source, Table, csv_reader, stamped

GLOB = "documents.derived.csv"
LIBRARY, LIBRARY_GLOB = "gov_cn", "gov_cn/*.jsonl"
COLUMNS = pa.schema(
    [
        pa.field("authority", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("issued", pa.date32()),
        pa.field("published", pa.date32()),
        pa.field("snapshot", pa.date32(), nullable=False),
        pa.field("library", pa.string()),
        pa.field("number", pa.string()),
        pa.field("category", pa.string()),
    ]
)
ONLY_FETCHED = ("library", "number", "category")
LINE = pa.schema(
    [pa.field(name, pa.string()) for name in COLUMNS.names if name not in ("snapshot", "library")]
)
FIELDS = {name: name for name in ("authority", "url", "title", "issued", "published")}


def _day(file: File) -> str:
    return file.observed or file.retrieved[:10]


def _of_workbooks(file: File) -> dict[str, str | None]:
    return {"snapshot": _day(file), **dict.fromkeys(ONLY_FETCHED)}


_WORKBOOKS = csv_reader("documents", GLOB, FIELDS, _of_workbooks)


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    yield from _WORKBOOKS(snapshot, rejects)
    for file, data in iter_read(snapshot, LIBRARY_GLOB):
        yield stamped(json_lines(snapshot, file, data, LINE), snapshot=_day(file), library=LIBRARY)


_DOCUMENTS = Table(
    "documents",
    COLUMNS,
    (GLOB, LIBRARY_GLOB),
    _read,
    "documents on the offices' pages, one row per entry, repeats included",
)

SOURCE = Source(
    name="china_policy_documents",
    title="Documents of the State Council and six provinces",
    tables=(_DOCUMENTS, mention_table((_DOCUMENTS, "title"))),
    cadence="0 7 5 1 *",
)
