"""Three Chinese policy lists: CAC, MIIT and TC260, as scraped by ai-policy-platform.

Publisher: github.com/zhiyuanplus/ai-policy-platform, MIT; the documents are texts of offices of the
People's Republic. One CSV a list, UTF-8 with BOM. The list pages show the newest items only, so a
list begins where the scraper's page ended, not where policy began; MIIT's pages are of two departments.
CAC comes with its full text, the other two with the text's length only. ``ai_score`` is the
publisher's count of AI words. Run alone: ``python -m dlt_sources china_policy_lists DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from dlt_sources.archive import Snapshot, iter_read
from dlt_sources.tables import Rejects, Source, Table, csv_strings, stamped

GLOB = "*_all_policies*.csv"
TEXT_LIMIT = 20_000  # characters; the longest CAC text has 10 777
COLUMNS = pa.schema(
    [
        pa.field("list", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("publication_date", pa.date32(), nullable=False),
        pa.field("issuing_department", pa.string()),
        pa.field("ai_score", pa.int64(), nullable=False),
        pa.field("full_text", pa.string()),
        pa.field("full_text_chars", pa.int64()),
        pa.field("snapshot", pa.date32(), nullable=False),
    ]
)
WANTED = ("title", "url", "publication_date", "issuing_department", "ai_score")
OPTIONAL = ("full_text", "full_text_chars")


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    headers = {name: name for name in (*WANTED, *OPTIONAL)}
    for file, data in iter_read(snapshot, GLOB):
        rows = csv_strings(data, file, headers, rejects, "policies", optional=OPTIONAL)
        text = rows.column_names.index("full_text")
        rows = rows.set_column(text, "full_text", pc.utf8_slice_codeunits(rows["full_text"], 0, TEXT_LIMIT))
        name = PurePosixPath(file.path).name.partition("_")[0]
        day = file.observed or file.retrieved[:10]
        yield stamped(rows, list=name, snapshot=day)


SOURCE = Source(
    name="china_policy_lists",
    title="Policy lists of CAC, MIIT and TC260",
    tables=(
        Table("policies", COLUMNS, (GLOB,), _read, "documents on the three lists, one row per list entry"),
    ),
    cadence="0 7 * * 2",
)
