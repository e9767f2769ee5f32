"""What every materialisation says: which version was made by which key, and what a table contains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from tabulate import tabulate

from orchestration.home.stages import Making, digest, sha256_of

WINDOW_COLUMNS = ("month", "quarter", "year", "period", "week", "day", "date", "observed", "published",
                  "released", "created", "announced", "posted_on", "vintage")  # fmt: skip
PREVIEW_ROWS = 5
PREVIEW_COLUMNS = 12
CODE_VERSION = "dagster/code_version"  # the key it was made by, which definitions loaded earlier may lack


def materialised(
    making: Making, metadata: Mapping[str, Any], key: dg.AssetKey | None = None, version: str | None = None
) -> dg.MaterializeResult[None]:
    """One asset of a stage: its version is the sha256 of what was written (by default the table's), or,
    where nothing was (views), the stage's key."""
    version = version or metadata.get("sha256") or digest(making.key, key and key.path)
    return dg.MaterializeResult(
        asset_key=key,
        metadata=metadata,
        data_version=dg.DataVersion(version),
        tags={CODE_VERSION: making.key},
    )


def table_evidence(files: Iterable[Path]) -> dict[str, Any]:
    """Metadata of the table that these Parquet files hold; empty where there is none."""
    paths = sorted(str(path) for path in files)
    if not paths:
        return {}
    table = duckdb.connect().read_parquet(paths)
    dated = [c for c in table.columns if c in WINDOW_COLUMNS]
    evidence: dict[str, Any] = {
        "dagster/row_count": table.count("*").fetchall()[0][0],
        "bytes": sum(Path(path).stat().st_size for path in paths),
        "sha256": sha256_of(*map(Path, paths)),
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
