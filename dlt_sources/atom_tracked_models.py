"""ATOM tracked models: open models with more than 100,000 downloads, in dated versions of one list.

Publisher: Interconnects AI, Apache-2.0. ``<day>/models.csv`` and ``extra_models.csv`` name model and
organisation, and no release day; ``metadata/`` beside the newest says each organisation's region (``eu``
includes Britain and Switzerland), parameters and corrected release days, the last with comment lines above
its header. In by success since 2022-11-30: a stock of what is used, not a count of releases.
Run alone: ``python -m dlt_sources atom_tracked_models DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from dlt_sources.archive import Snapshot, iter_read
from dlt_sources.tables import Reader, Rejects, Source, Table, csv_strings, stamped

_VERSION = pa.field("version", pa.date32(), nullable=False)
MODEL_COLUMNS = pa.schema(
    [
        pa.field("org", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("list", pa.string(), nullable=False),
        _VERSION,
    ]
)
REGION_COLUMNS = pa.schema(
    [
        pa.field("hf_org", pa.string(), nullable=False),
        pa.field("region", pa.string(), nullable=False),
        pa.field("notes", pa.string()),
        _VERSION,
    ]
)
CORRECTION_COLUMNS = pa.schema(
    [
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("hf_created_at", pa.date32(), nullable=False),
        pa.field("actual_release_date", pa.date32(), nullable=False),
        pa.field("notes", pa.string()),
        _VERSION,
    ]
)
PARAMETER_COLUMNS = pa.schema(
    [
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("total_params_b", pa.float64()),
        pa.field("active_params_b", pa.float64()),
        _VERSION,
    ]
)


def _reader(table: str, headers: Mapping[str, str], *globs: str) -> Reader:
    """``version`` is the folder's day; ``list`` the file's name."""

    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        for file, data in iter_read(snapshot, *globs):
            plain = data.removeprefix(b"\xef\xbb\xbf")
            while plain.startswith(b"#"):  # comments stand above the header
                plain = plain.partition(b"\n")[2]
            rows = csv_strings(plain, file, headers, rejects, table)
            version, *_, name = file.path.split("/")
            yield stamped(rows, version=version, list=name.removesuffix(".csv"))

    return read


def _table(name: str, columns: pa.Schema, description: str, *globs: str, **renamed: str) -> Table:
    own = [column for column in columns.names if column not in ("version", "list")]
    headers = {renamed.get(column, column): column for column in own}
    return Table(name, columns, globs, _reader(name, headers, *globs), description)


SOURCE = Source(
    name="atom_tracked_models",
    title="ATOM tracked models",
    tables=(
        _table(
            "models",
            MODEL_COLUMNS,
            "one row per version, list and model on the Hub; no release day",
            "*/models.csv",
            "*/extra_models.csv",
            model_id="modelId",
        ),
        _table(
            "organisation_regions",
            REGION_COLUMNS,
            "the region of an organisation on the Hub, by the publisher's own research",
            "*/metadata/organization_regions.csv",
        ),
        _table(
            "release_corrections",
            CORRECTION_COLUMNS,
            "days on which a model was released, where the Hub's creation day is another",
            "*/metadata/release_date_corrections.csv",
        ),
        _table(
            "parameters",
            PARAMETER_COLUMNS,
            "parameters of a model, in billions",
            "*/metadata/model_parameters.csv",
        ),
    ),
    cadence="0 6 8 * *",
)
