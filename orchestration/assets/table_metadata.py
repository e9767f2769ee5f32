"""What every materialisation tells about a table: rows, bytes, sha256, window and a preview."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from tabulate import tabulate

WINDOW_COLUMNS = ("month", "quarter", "year", "period", "week", "day", "date", "observed", "published",
                  "released", "created", "announced", "posted_on", "vintage")  # fmt: skip
PREVIEW_ROWS = 5
PREVIEW_COLUMNS = 12


def table_evidence(files: Iterable[Path]) -> dict[str, Any]:
    """Metadata of the table that these Parquet files hold; empty where there is none."""
    paths = sorted(str(path) for path in files)
    if not paths:
        return {}
    table = duckdb.connect().read_parquet(paths)
    dated = [c for c in table.columns if c in WINDOW_COLUMNS]
    contents = [Path(path).read_bytes() for path in paths]
    evidence: dict[str, Any] = {
        "dagster/row_count": table.count("*").fetchall()[0][0],
        "bytes": sum(map(len, contents)),
        "sha256": hashlib.sha256(b"".join(hashlib.sha256(c).digest() for c in contents)).hexdigest()
        if len(contents) > 1
        else hashlib.sha256(contents[0]).hexdigest(),
        "preview": dg.MetadataValue.md(_preview(table)),
    }
    if dated:
        first, last = table.aggregate(f"min({dated[0]})::varchar, max({dated[0]})::varchar").fetchall()[0]
        if first:
            evidence["window"] = f"{first} to {last} ({dated[0]})"
    return evidence


def _preview(table: duckdb.DuckDBPyRelation) -> str:
    shown = table.limit(PREVIEW_ROWS)  # as Python's values: a day stays a day
    rows = [[_cell(value) for value in row[:PREVIEW_COLUMNS]] for row in shown.fetchall()]
    return str(tabulate(rows, shown.columns[:PREVIEW_COLUMNS], tablefmt="pipe", disable_numparse=True))


def _cell(value: object) -> str:
    return "" if value is None else str(value)[:60].replace("|", "¦").replace("\n", " ")
