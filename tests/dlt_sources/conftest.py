"""Small archives of real-format files for the tests of one source each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dlt_sources.archive import listed_entry, write_manifest

MakeArchive = Callable[[str, Mapping[str, bytes]], Path]


@pytest.fixture
def make_archive(tmp_path: Path) -> MakeArchive:
    """``make_archive(source, {path: bytes})``: an archive with that one source; gives its folder."""

    def make(source: str, files: Mapping[str, bytes]) -> Path:
        for path, data in files.items():
            target = tmp_path / source / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        write_manifest(
            tmp_path,
            {
                "source": source,
                "origin": "archive",
                "licence": "none",
                "attribution": "a test",
                "homepage": None,
                "files": [listed_entry(path, data, "2026-02-04") for path, data in files.items()],
            },
        )
        return tmp_path

    return make


def query(tables: Mapping[str, pa.Table], sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query over the source's tables by their names."""
    with duckdb.connect() as con:
        for name, table in tables.items():
            con.register(name, table)
        return con.execute(sql).fetchall()
