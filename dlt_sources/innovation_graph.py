"""GitHub Innovation Graph: public activity by economy and quarter, every dated vintage.

Publisher: github.com/github/innovationgraph, CC0-1.0. A vintage lies in
``vintages/<release day>/data/``; values under about 100 developers are absent, never zero.
``iso2_code`` covers ``EU`` beside its members and ``NA`` for Namibia. Counts are cumulative
stocks except pushes (a flow per quarter). Run alone: ``python -m dlt_sources innovation_graph DIR``.
"""

from __future__ import annotations

import pyarrow as pa

from dlt_sources.archive import File
from dlt_sources.tables import Source, Table, csv_reader


def _counts(measure: str) -> Table:
    """The table of one measure: a row is an economy, a quarter and a vintage."""
    columns = pa.schema(
        [
            pa.field("iso2_code", pa.string(), nullable=False),
            pa.field("year", pa.int64(), nullable=False),
            pa.field("quarter", pa.int64(), nullable=False),
            pa.field(measure, pa.int64(), nullable=False),
            pa.field("vintage", pa.date32(), nullable=False),
        ]
    )
    glob = f"vintages/*/data/{measure}.csv"
    return Table(
        measure,
        columns,
        (glob,),
        csv_reader(measure, glob, {name: name for name in columns.names[:-1]}, _vintage),
        f"{measure} by economy and quarter, one row per vintage",
        bounds={"year": (2008, 2100), "quarter": (1, 4), measure: (0, 10**12)},
    )


def _vintage(file: File) -> dict[str, str]:
    return {"vintage": file.observed or file.path.split("/")[1]}


SOURCE = Source(
    name="innovation_graph",
    title="GitHub Innovation Graph",
    tables=tuple(_counts(m) for m in ("git_pushes", "repositories", "developers", "organizations")),
    cadence="0 6 5 2,5,8,11 *",
)
