"""First days of model ids in five projects that fine-tune and evaluate open models.

Derived from the git histories of LLaMA-Factory, ms-swift, FastChat, opencompass and lmdeploy (Apache-2.0):
the day on which an ``owner/name`` of Hugging Face or ModelScope first stood in the project. What the pattern
caught and is no id of a model (the path of a web page, a pull request, a blog) is refused with the reason.
ms-swift lists data sets beside models and says not which is which.
Run alone: ``python -m dlt_sources model_registry_dates DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dlt_sources.archive import Snapshot, iter_read
from dlt_sources.tables import Rejects, Source, Table, csv_strings, stamped

COLUMNS = pa.schema(
    [
        pa.field("registry", pa.string(), nullable=False),
        pa.field("commit", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("first_day", pa.date32(), nullable=False),
        pa.field("version", pa.date32(), nullable=False),
    ]
)
_ID = r"^[A-Za-z0-9][\w.\-]*/[A-Za-z0-9][\w.\-]*$"
_PAGES = (
    r"^(?i:blog|news|index|pull|issues|docs|huggingface\.co|modelscope\.cn)/|/(?i:summary|files|overview)$"
)


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    headers = {name: name for name in COLUMNS.names if name != "version"}
    for file, data in iter_read(snapshot, "registry_ids.derived.csv"):
        rows = csv_strings(data, file, headers, rejects, "first_listings")
        ids = pc.fill_null(rows["model_id"], "")
        is_model = pc.and_(
            pc.match_substring_regex(ids, _ID), pc.invert(pc.match_substring_regex(ids, _PAGES))
        )
        for row in rows.filter(pc.invert(is_model)).to_pylist():
            reason = "is a page's path, expected owner/name of a model"
            rejects.add("first_listings", file.path, row["_row"], "model_id", reason, row["model_id"])
        yield stamped(rows.filter(is_model), version=file.observed or file.retrieved[:10])


SOURCE = Source(
    name="model_registry_dates",
    title="First days of model ids in fine-tuning and evaluation projects",
    tables=(
        Table(
            "first_listings",
            COLUMNS,
            ("registry_ids.derived.csv",),
            _read,
            "one row per project and model id, with the day on which the id first stood there",
        ),
    ),
    cadence="0 6 6 * *",
    max_rejected_share=0.2,  # a sixth of what the pattern caught is the tail of a page's address
)
