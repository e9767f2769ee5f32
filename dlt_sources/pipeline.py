"""From typed tables to the lake: each source as dlt sees it, and the pipeline that loads it.

The columns a source declares are the lake's schema, frozen here: dlt's own contract lets Arrow data pass
(a hint outweighs the data's type, a first load evolves, an absent column is filled with nulls) and holds
new declarations to what an older version of the source loaded. Not here: parsing and typing
(``tables.py`` and the sources' modules).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

import dlt
import pyarrow as pa
from dlt.common.data_types import TDataType
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.destinations import filesystem
from dlt.destinations.impl.filesystem.configuration import FilesystemDestinationClientConfiguration
from dlt.extract import DltResource, DltSource
from dlt.pipeline.pipeline import Pipeline

from dlt_sources.archive import ArchiveError
from dlt_sources.documents import DocumentError, strict_json
from dlt_sources.packed import USUAL, Limits
from dlt_sources.tables import POSITION, REJECTED, Source, load

DLT_TYPES: dict[pa.DataType, TDataType] = {
    pa.string(): "text",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "bool",
    pa.date32(): "date",
    pa.timestamp("us", "UTC"): "timestamp",
}

REMEMBERED = ("state.json", "schema.json", "*.schema.json", "load_package_state.json", ".version")
_VERSION = re.compile(rb"\d+\.\d+\.\d+\s*")


class LakeFolder(filesystem):
    """dlt's filesystem, whose capabilities are worked out once a pipeline.

    dlt asks for them some twenty times a load, and looks every setting of a file system up each time: without
    this a third of what a small load costs.
    """

    @cached_property
    def _known(self) -> dict[str | None, DestinationCapabilitiesContext]:
        return {}  # by the name of a naming convention

    def capabilities(
        self,
        config: FilesystemDestinationClientConfiguration | None = None,
        naming: NamingConvention | None = None,
    ) -> DestinationCapabilitiesContext:
        if config is not None:
            return super().capabilities(config, naming)
        name = naming.name() if naming else None
        if name not in self._known:
            self._known[name] = super().capabilities(naming=naming)
        return self._known[name].copy()  # callers change theirs


def lake_pipeline(source: Source, lake: Path, state: Path) -> Pipeline:
    """The pipeline that writes ``<lake>/raw/<source>/<table>/*.parquet``; nothing is loaded yet.

    What dlt remembers of earlier loads is no memory of ours: where it cannot be read, it is thrown away.
    """
    remembered, begun = state / "dlt" / source.name, lake / "raw" / source.name / "init"
    if not all(_can_be_read(path) for name in REMEMBERED for path in remembered.rglob(name)):
        shutil.rmtree(remembered)
    is_cut = begun.parent.is_dir() and not begun.is_file()  # killed between the folder and its mark
    if is_cut or (begun.is_file() and begun.stat().st_size and not _can_be_read(begun)):
        begun.write_bytes(b"")  # which dlt takes for a lake of its own
    return dlt.pipeline(
        source.name,
        dataset_name=source.name,
        pipelines_dir=str(state / "dlt"),
        destination=LakeFolder(bucket_url=str(lake / "raw"), layout="{table_name}/part-{file_id}.{ext}"),
        refresh="drop_resources",  # what was declared once is no second memory: a table is replaced whole
    )


def _can_be_read(path: Path) -> bool:
    """Whether one of dlt's own files is a JSON object or, where it should be, a version."""
    try:
        content = path.read_bytes()
        if path.name == ".version":
            return _VERSION.fullmatch(content) is not None
        return isinstance(strict_json(content), dict)
    except (OSError, DocumentError):
        return False


def dlt_source(source: Source, root: Path, limits: Limits = USUAL, kept: Path | None = None) -> DltSource:
    """The source as dlt sees it: one resource a table, replaced whole, columns frozen.

    Built without reading anything; the first resource that is extracted reads the whole source, which
    raises ``ArchiveError`` where a table is not as declared, before anything reaches the lake.
    """
    tables = {t.name: pa.schema([*t.columns, *POSITION]) for t in source.tables} | {"_rejected": REJECTED}
    content = cache(lambda: load(source, root, limits, kept))

    def resource(name: str, schema: pa.Schema) -> DltResource:
        def rows() -> Iterator[pa.Table]:
            table = content()[name]
            _refuse_other_columns(source.name, name, schema, table.schema)
            yield table

        return dlt.resource(rows, name=name, write_disposition="replace", columns=_hints(schema))

    return DltSource(
        dlt.Schema(source.name), source.name, [resource(name, schema) for name, schema in tables.items()]
    )


def _refuse_other_columns(source: str, table: str, declared: pa.Schema, given: pa.Schema) -> None:
    """Raise for the first column that is absent, new, of another type or nullable against its declaration."""
    expected, actual = (
        {f.name: f"{f.type}" if f.nullable else f"{f.type} not null" for f in schema}
        for schema in (declared, given)
    )
    for column in {**expected, **actual}:
        if expected.get(column) != actual.get(column):
            raise ArchiveError(
                f"lake: {source}/{table}: {column}: is {actual.get(column, 'absent')}, expected "
                f"{expected.get(column, 'no such column')}; teach dlt_sources/{source}.py the new layout"
            )


def _hints(schema: pa.Schema) -> TTableSchemaColumns:
    return {f.name: {"name": f.name, "data_type": DLT_TYPES[f.type], "nullable": f.nullable} for f in schema}
