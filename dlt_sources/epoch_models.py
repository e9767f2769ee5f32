"""Epoch AI, Data on AI Models: dated versions of four lists of AI systems.

Publisher: Epoch AI, CC BY 4.0 (cite "Epoch AI, Data on AI Models"). A version lies in
``<list>/<day>[-label]/``. Headers were renamed between versions (Model/System, the country column,
accessibility); countries and organisations are comma lists with repeats that do not line up; names contain
line breaks. Authors and Abstract are never read: they contain mail addresses. The frontier list is a subset
of these and the benchmark table has no releases: neither is read.
Run alone: ``python -m dlt_sources epoch_models DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from dlt_sources.archive import ArchiveError, Snapshot, iter_read
from dlt_sources.tables import Reader, Rejects, Source, Table, csv_header, csv_strings, stamped

COLUMNS = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),
        pa.field("organization", pa.string()),
        pa.field("organization_categorization", pa.string()),
        pa.field("country", pa.string()),
        pa.field("publication_date", pa.date32()),
        pa.field("model_accessibility", pa.string()),
        pa.field("domain", pa.string()),
        pa.field("parameters", pa.float64()),
        pa.field("training_compute_flop", pa.float64()),
        pa.field("base_model", pa.string()),
        pa.field("confidence", pa.string()),
        pa.field("version", pa.date32(), nullable=False),
    ]
)
# Our column -> the headers it has had, newest first.
HEADERS: dict[str, tuple[str, ...]] = {
    "model": ("Model", "System"),
    "organization": ("Organization",),
    "organization_categorization": ("Organization categorization",),
    "country": ("Country (of organization)", "Country (from Organization)"),
    "publication_date": ("Publication date",),
    "model_accessibility": ("Model accessibility",),
    "domain": ("Domain",),
    "parameters": ("Parameters",),
    "training_compute_flop": ("Training compute (FLOP)",),
    "base_model": ("Base model",),
    "confidence": ("Confidence",),
}
MAY_BE_ABSENT = ("organization_categorization", "model_accessibility", "base_model", "confidence")


def _reader(name: str, glob: str) -> Reader:
    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        for file, data in iter_read(snapshot, glob):
            headers = _layout(data, f"archive: {rejects.source}/{file.path}")
            optional = [HEADERS[column][0] for column in MAY_BE_ABSENT]
            rows = csv_strings(data, file, headers, rejects, name, optional)
            version = file.path.split("/")[1][: len("2024-11-25")]
            yield stamped(rows, version=version)

    return read


def _layout(data: bytes, where: str) -> dict[str, str]:
    """Which header of this version stands for which column.

    Raises:
        ArchiveError: a column that every version has is under none of its known headers.
    """
    header = csv_header(data)
    layout = {}
    for column, names in HEADERS.items():
        present = next((name for name in names if name in header), None)
        if present is None and column not in MAY_BE_ABSENT:
            raise ArchiveError(
                f"{where}: column {names[0]!r} is absent (renamed?); expected {' or '.join(names)}; "
                "fetch it again or teach the source its new layout"
            )
        layout[present or names[0]] = column
    return layout


def _list(name: str, description: str) -> Table:
    glob = f"{name}/*/*.csv"
    return Table(name, COLUMNS, (glob,), _reader(name, glob), description)


SOURCE = Source(
    name="epoch_models",
    title="Epoch AI, Data on AI Models",
    tables=(
        _list("notable_ai_models", "systems that Epoch calls notable, one row per system and version"),
        _list("large_scale_ai_models", "systems trained with over 1e23 FLOP, per system and version"),
        _list("all_ai_models", "all systems of the database, one row per system and version"),
        _list("all_ml_systems_full_view", "the same database in its earlier layout, per system and version"),
    ),
    cadence="0 6 3 * *",
)
