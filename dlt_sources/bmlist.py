"""BMList: models of a billion parameters and more, with day and affiliations, to June 2023.

Publisher: OpenBMB, Apache-2.0. One JSON list: its first element says when it was last updated, every other is
a model. Values are texts or lists of texts. A Chinese list, fuller on Chinese models than on others, and
hardly kept after August 2022: what falls after it is the keeping.
Run alone: ``python -m dlt_sources bmlist DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from dlt_sources.archive import ArchiveError, Snapshot, iter_read
from dlt_sources.tables import Rejects, Source, Table, json_content, stamped

COLUMNS = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),
        pa.field("released", pa.date32(), nullable=False),
        pa.field("affiliations", pa.string(), nullable=False),
        pa.field("languages", pa.string()),
        pa.field("domains", pa.string()),
        pa.field("parameters_dense", pa.string()),
        pa.field("parameters_moe", pa.string()),
        pa.field("model_url", pa.string()),
        pa.field("code_url", pa.string()),
        pa.field("version", pa.date32(), nullable=False),
    ]
)
KEYS = {
    "model": "name",
    "released": "release_date",
    "affiliations": "affiliation",
    "languages": "language",
    "domains": "domain",
    "parameters_dense": "parameters_dense",
    "parameters_moe": "parameters_MoE",
    "model_url": "model",
    "code_url": "code",
}
SEPARATOR = "; "  # names hold commas


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, "all_models.json"):
        where = f"archive: {snapshot.source}/{file.path}"
        first, *entries = _entries(json_content(data, where), where)
        read = []
        for number, entry in enumerate(entries, start=2):
            try:
                row = {column: _text(entry.get(key)) for column, key in KEYS.items()}
            except TypeError:
                reason = "is no text and no list of texts"
                rejects.add("models", file.path, number, None, reason, str(entry))
                continue
            read.append({**row, "released": _day(row["released"]), "_row": number})
        rows = pa.table(
            {name: pa.array([row[name] for row in read], pa.string()) for name in KEYS}
            | {"_row": pa.array([row["_row"] for row in read], pa.int64())}
        )
        yield stamped(rows, version=_day(first["last_updated"]), _source_file=file.path)


def _entries(content: object, where: str) -> list[dict[str, Any]]:
    """The list's elements, of which the first says when it was updated.

    Raises:
        ArchiveError: it is no such list.
    """
    is_list = isinstance(content, list) and all(isinstance(entry, dict) for entry in content)
    if not is_list or not content or not isinstance(content[0].get("last_updated"), str):  # type: ignore[index]
        raise ArchiveError(
            f"{where}: last_updated: absent from the first element, expected a list of objects that begins "
            "with it; fetch it again or teach the source its new layout"
        )
    return content  # type: ignore[return-value]


def _text(value: object) -> str | None:
    """A text, or texts joined.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(value, list):
        return SEPARATOR.join(value) or None
    if value is None or isinstance(value, str):
        return value or None
    raise TypeError(value)


def _day(text: str | None) -> str | None:
    return text.replace("/", "-") if text else None


SOURCE = Source(
    name="bmlist",
    title="BMList",
    tables=(
        Table(
            "models",
            COLUMNS,
            ("all_models.json",),
            _read,
            "models of a billion parameters and more: one row a model",
        ),
    ),
    cadence="0 6 11 * *",
)
