"""``datapackage.json``: what a release holds, in the terms of the Frictionless Data Package standard.

Names, types, keys, hashes and descriptions of every table, the sources behind them, licences. Reference:
Data Package, version 1 (specs.frictionlessdata.io). Not here: which files a release holds (``release``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.translators import description_of
from orchestration.warehouse import RELEASE
from report.formats import web_addresses

DESCRIPTOR = "datapackage.json"
CONTRACT_VERSION = "1"
TITLE = "chokepoint: open AI activity by country on the timeline of US hardware policy"
EMPTY = "Empty here: none of its rows may be published, or none was made."


def describe(
    folder: Path,
    origin: str,
    manifest: Mapping[str, Any],
    sources: Sequence[Mapping[str, object]],
    keys: Mapping[str, list[str]],
) -> dict[str, object]:
    """The descriptor of the Parquet tables in ``folder``; equal inputs give equal bytes.

    ``manifest`` is dbt's (descriptions of the marts; other tables carry their own), ``sources`` the
    archive's sources, ``keys`` the marts' keys.
    """
    nodes = {n["name"]: n for n in manifest["nodes"].values() if n["resource_type"] == "model"}
    return {
        "name": "chokepoint",
        "title": TITLE + (" (SIMULATED)" if origin == "sample" else ""),
        "version": CONTRACT_VERSION,
        "contract_version": CONTRACT_VERSION,
        "origin": origin,
        "sources": [entry for source in sources for entry in _source(source)],
        "licenses": _licences(sources),
        "resources": [
            _resource(path, folder, nodes, keys.get(path.stem, []))
            for path in sorted(folder.glob("*/*.parquet"))
        ],
    }


def _source(source: Mapping[str, Any]) -> list[dict[str, object]]:
    """A source, once for each of its addresses: the standard's path is one. It has no null either, so an
    address that is not known is not there."""
    content = {name: source[name] for name in ("title", "licence", "attribution", "manifest_sha256")}
    return [content | {"path": address} for address in web_addresses(source["homepage"])] or [content]


def _licences(sources: Sequence[Mapping[str, object]]) -> list[dict[str, str]]:
    """The licences of the sources, which their rows keep."""
    titles = sorted({str(source["licence"]) for source in sources})
    return [{"name": re.sub(r"[^A-Za-z0-9.]+", "-", title).strip("-"), "title": title} for title in titles]


def _resource(
    path: Path, folder: Path, nodes: Mapping[str, Mapping[str, Any]], key: list[str]
) -> dict[str, object]:
    node, schema = nodes.get(path.stem, {}), pq.read_schema(path)
    withheld = nodes.get(RELEASE + path.stem, {}).get("description", "")
    parts = [node.get("description") or description_of(schema) or "", withheld]
    parts += [EMPTY] * (pq.read_metadata(path).num_rows == 0)
    fields = [_field(field, node.get("columns", {}).get(field.name, {})) for field in schema]
    return {
        "name": path.stem,
        "type": "table",
        "path": path.relative_to(folder).as_posix(),
        "description": " ".join(" ".join(part.split()) for part in parts if part),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
        "schema": {"fields": fields} | ({"primaryKey": key} if key else {}),
    }


def _field(field: pa.Field, column: Mapping[str, Any]) -> dict[str, object]:
    content: dict[str, object] = {"name": field.name, "type": _type(field.type)}
    if description := column.get("description") or description_of(field):
        content["description"] = " ".join(description.split())
    meta = column.get("config", {}).get("meta", {})
    return content | {name: meta[name] for name in ("unit", "additivity") if name in meta}


def _type(kind: pa.DataType) -> str:
    """The standard's type of an Arrow type; what it has no name for is ``any``."""
    tests = {
        "string": pa.types.is_string,
        "integer": pa.types.is_integer,
        "number": pa.types.is_floating,
        "boolean": pa.types.is_boolean,
        "date": pa.types.is_date,
        "datetime": pa.types.is_timestamp,
    }
    return next((name for name, is_kind in tests.items() if is_kind(kind)), "any")
