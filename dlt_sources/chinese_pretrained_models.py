"""awesome-pretrained-chinese-nlp-models: open models with Chinese ability, by month of release.

Publisher: Weitang Liu (lonePatient on GitHub), MIT. ``models.derived.csv`` holds the rows of seven dated
tables of the repository (base, chat, reasoning, multimodal, domain, embedding); ``docs/changelog.md`` says on
which day what was added. A month is that of the release, a changelog day that of the listing. Foreign models
enter by the keeper's interest, so only China is listed with care. The older tables without months are not
read.
Run alone: ``python -m dlt_sources chinese_pretrained_models DIR``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dlt_sources.archive import Snapshot, iter_read
from dlt_sources.tables import Rejects, Source, Table, csv_strings, stamped

MODEL_COLUMNS = pa.schema(
    [
        pa.field("list", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("month", pa.date32()),
        pa.field("maker", pa.string()),
        pa.field("hf_org", pa.string()),
        pa.field("github_owner", pa.string()),
        pa.field("modelscope_org", pa.string()),
        pa.field("version", pa.date32(), nullable=False),
    ]
)
ADDITION_COLUMNS = pa.schema(
    [
        pa.field("day", pa.date32(), nullable=False),
        pa.field("entry", pa.string(), nullable=False),
    ]
)
MODELS, CHANGELOG = "models.derived.csv", "docs/changelog.md"
_ENTRY = re.compile(r"[-*]\s+(\d{4})\.(\d{1,2})\.(\d{1,2})\s*(.+)")


def _read_models(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    headers = {name: name for name in MODEL_COLUMNS.names if name != "version"}
    for file, data in iter_read(snapshot, MODELS):
        rows = csv_strings(data, file, headers, rejects, "models")
        days = pc.replace_substring_regex(rows["month"], r"^(\d{4}-\d{2})$", r"\1-01")
        rows = rows.set_column(rows.column_names.index("month"), "month", days)
        yield stamped(rows, version=file.observed or file.retrieved[:10])


def _read_additions(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    """One row an entry; other lines of the file are headings and quotations."""
    for file, data in iter_read(snapshot, CHANGELOG):
        found = [
            (number, match)
            for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1)
            if (match := _ENTRY.fullmatch(line.strip()))
        ]
        rows = pa.table(
            {
                "day": pa.array([f"{m[1]}-{m[2]:0>2}-{m[3]:0>2}" for _, m in found], pa.string()),
                "entry": pa.array([m[4] for _, m in found], pa.string()),
                "_row": pa.array([number for number, _ in found], pa.int64()),
            }
        )
        yield stamped(rows, _source_file=file.path)


SOURCE = Source(
    name="chinese_pretrained_models",
    title="awesome-pretrained-chinese-nlp-models",
    tables=(
        Table(
            "models",
            MODEL_COLUMNS,
            (MODELS,),
            _read_models,
            "open models with Chinese ability: one row per table of the list and model",
        ),
        Table(
            "additions",
            ADDITION_COLUMNS,
            (CHANGELOG,),
            _read_additions,
            "entries of the list's changelog: one row per day and entry, in the keeper's words",
        ),
    ),
    cadence="0 6 5 * *",
)
