"""Fine-tunes of fifteen base models on the Hugging Face Hub, as its API showed them in April 2025.

Publisher: hamidahoderinwale/model_metadata_analyses on GitHub (licence not stated), from the Hub's API. A CSV
a base model; ``metadata`` is the API's answer as JSON text, of which only what is declared here is read
(never the card: cards hold mail addresses). Models deleted before are gone; a fetch that failed left ``N/A``
in place of the answer and an address in place of the id: such rows are refused, up to a tenth of a file.
Run alone: ``python -m dlt_sources hf_model_trees DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from dlt_sources.archive import File, Snapshot, iter_read
from dlt_sources.documents import DocumentError, strict_json
from dlt_sources.tables import Rejects, Source, Table, csv_strings, stamped

COLUMNS = pa.schema(
    [
        pa.field("tree", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("depth", pa.int64(), nullable=False),
        pa.field("created_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("base_model", pa.string()),
        pa.field("relation", pa.string()),
        pa.field("downloads", pa.int64()),
        pa.field("likes", pa.int64()),
        pa.field("pipeline_tag", pa.string()),
        pa.field("version", pa.date32(), nullable=False),
    ]
)
HEADERS = {"model_id": "model_id", "metadata": "metadata", "depth": "depth"}
_RELATIONS = ("finetune", "adapter", "quantized", "merge")


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, "*.csv"):
        read = []
        for row in csv_strings(data, file, HEADERS, rejects, "models").to_pylist():
            answer = _answer(row, file, rejects)
            if answer is not None:
                read.append(_columns(row, answer))
        names = [name for name in COLUMNS.names if name not in ("tree", "version")]
        rows = pa.table(
            {name: pa.array([row[name] for row in read], pa.string()) for name in names}
            | {"_row": pa.array([row["_row"] for row in read], pa.int64())}
        )
        yield stamped(
            rows,
            tree=file.path.split(".")[0] if file.path.endswith(".derived.csv") else file.path[: -len(".csv")],
            version=file.observed or file.retrieved[:10],
            _source_file=file.path,
        )


def _answer(row: dict[str, Any], file: File, rejects: Rejects) -> dict[str, Any] | None:
    """What the API said of a model, or None where the row holds no answer."""
    try:
        answer = strict_json((row["metadata"] or "").encode())
    except DocumentError:
        answer = None
    if isinstance(answer, dict):
        return answer
    rejects.add("models", file.path, row["_row"], "metadata", "is no JSON object", row["model_id"])
    return None


def _columns(row: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    relation, base = _stated_base(answer.get("tags"))
    return {
        "model_id": row["model_id"],
        "depth": row["depth"],
        "created_at": _text(answer.get("created_at")),
        "base_model": base,
        "relation": relation,
        "downloads": _text(answer.get("downloads")),
        "likes": _text(answer.get("likes")),
        "pipeline_tag": _text(answer.get("pipeline_tag")),
        "_row": row["_row"],
    }


def _stated_base(tags: object) -> tuple[str | None, str | None]:
    """(relation, base model) of the first tag ``base_model:<relation>:<owner>/<name>``."""
    for tag in tags if isinstance(tags, list) else ():
        parts = tag.split(":", 2) if isinstance(tag, str) else ()
        if len(parts) == 3 and parts[0] == "base_model" and parts[1] in _RELATIONS:
            return parts[1], parts[2]
    return None, None


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


SOURCE = Source(
    name="hf_model_trees",
    title="Fine-tunes of fifteen base models on the Hugging Face Hub",
    tables=(
        Table(
            "models",
            COLUMNS,
            ("*.csv",),
            _read,
            "one row per tree and model: the base itself (depth 0) and what was built on it",
        ),
    ),
    cadence="0 6 7 * *",
    max_rejected_share=0.15,  # a tenth of one tree's answers could not be fetched by its publisher
)
