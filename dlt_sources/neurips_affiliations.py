"""Affiliations of accepted NeurIPS papers by year, as one project counted them out of OpenReview.

Publisher: github.com/prakashkagitha/neurips-us-vs-china (licence not stated: aggregates only). A row is an
affiliation and a year; a paper counts once in each of its affiliations, so sums over them are incidences,
not papers. The publisher matched spellings by program, wrongly in places ("Western University" in
Cambodia), and its region China holds Hong Kong and Taiwan: regions serve as a check alone.
Run alone: ``python -m dlt_sources neurips_affiliations DIR``.
"""

from __future__ import annotations

import pyarrow as pa

from dlt_sources.tables import Source, Table, csv_reader

AFFILIATIONS = "data/processed/affiliation_counts_full.csv"
REGIONS = "data/processed/region_paper_counts.csv"

AFFILIATION_COLUMNS = pa.schema(
    [
        pa.field("year", pa.int64(), nullable=False),
        pa.field("affiliation", pa.string(), nullable=False),
        pa.field("paper_count", pa.int64(), nullable=False),
        pa.field("region", pa.string()),
        pa.field("country", pa.string()),
    ]
)
REGION_COLUMNS = pa.schema(
    [
        pa.field("year", pa.int64(), nullable=False),
        pa.field("region", pa.string(), nullable=False),
        pa.field("paper_count", pa.int64(), nullable=False),
        pa.field("share", pa.float64(), nullable=False),
    ]
)


def _table(name: str, columns: pa.Schema, path: str, description: str) -> Table:
    headers = {column: column for column in columns.names}
    bounds = {"year": (1987, 2100), "paper_count": (1, 50_000)}
    return Table(name, columns, (path,), csv_reader(name, path, headers), description, bounds)


SOURCE = Source(
    name="neurips_affiliations",
    title="Affiliations of NeurIPS papers",
    tables=(
        _table(
            "affiliation_years", AFFILIATION_COLUMNS, AFFILIATIONS, "one row per year and affiliation: papers"
        ),
        _table("region_years", REGION_COLUMNS, REGIONS, "one row per year and region: papers, each once"),
    ),
    cadence="0 7 1 * *",
)
