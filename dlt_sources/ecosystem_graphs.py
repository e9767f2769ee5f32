"""Ecosystem Graphs: models, data sets and applications with the day they came out and who may use them.

Publisher: Stanford's Center for Research on Foundation Models (Bommasani et al. 2023), licence of the table
not stated. One CSV of assets; ``nationality`` is the publisher's word for the maker's country and holds
groups ("International") and pairs ("Canada/Switzerland"). ``access`` is open, limited or closed, in any case
of letters. A few assets say a year in place of a day and are refused. Descriptions are not read.
Run alone: ``python -m dlt_sources ecosystem_graphs DIR``.
"""

from __future__ import annotations

import pyarrow as pa

from dlt_sources.tables import Source, Table, csv_reader

COLUMNS = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("organization", pa.string()),
        pa.field("nationality", pa.string()),
        pa.field("created_date", pa.date32()),
        pa.field("access", pa.string(), nullable=False),
        pa.field("size", pa.string()),
        pa.field("license", pa.string()),
        pa.field("version", pa.date32(), nullable=False),
    ]
)
FILE = "all_assets.derived.csv"

SOURCE = Source(
    name="ecosystem_graphs",
    title="Ecosystem Graphs",
    tables=(
        Table(
            "assets",
            COLUMNS,
            (FILE,),
            csv_reader(
                "assets",
                FILE,
                {column: column for column in COLUMNS.names if column != "version"},
                lambda file: {"version": file.observed or file.retrieved[:10]},
            ),
            "models, data sets and applications: one row an asset",
        ),
    ),
    cadence="0 6 12 * *",
)
