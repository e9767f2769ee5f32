"""Documents of the State Council and six provincial governments, titled and dated, to September 2023.

Publisher: github.com/zongtihuoguoguan/Policy-Transparency-China-2024, data of a paper on policy
transparency; licence not stated, so only aggregates are published. One CSV derived from the workbooks of
the seven authorities: the office's own page, title in Chinese, the day on the document (``issued``) and
the day it was put on the page (``published``), which for the State Council is often years later. Either
day may be empty, or both. A workbook of Henan's repeats its rows.

Not read: ``document_numbers.derived.csv`` (numbers without titles, which no theme can be read from).
Run alone: ``python -m dlt_sources china_policy_documents DIR``.
"""

from __future__ import annotations

import pyarrow as pa

from dlt_sources.archive import File
from dlt_sources.tables import Source, Table, csv_reader

GLOB = "documents.derived.csv"
COLUMNS = pa.schema(
    [
        pa.field("authority", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("issued", pa.date32()),
        pa.field("published", pa.date32()),
        pa.field("snapshot", pa.date32(), nullable=False),
    ]
)
FIELDS = {name: name for name in ("authority", "url", "title", "issued", "published")}


def _day(file: File) -> dict[str, str]:
    return {"snapshot": file.observed or file.retrieved[:10]}


SOURCE = Source(
    name="china_policy_documents",
    title="Documents of the State Council and six provinces",
    tables=(
        Table(
            "documents",
            COLUMNS,
            (GLOB,),
            csv_reader("documents", GLOB, FIELDS, _day),
            "documents on the offices' pages, one row per entry, repeats included",
        ),
    ),
    cadence="0 7 5 1 *",
)
