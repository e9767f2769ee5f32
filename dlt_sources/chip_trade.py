"""Monthly exports of chips and chip-making machines to China, of Korean and Dutch customs.

Publisher: github.com/Miles-byte/Apricitas (data of a newsletter), folder "Chip War"; licence not stated, so
only aggregates are published. ``KOR_EXPORTS.csv``: Korean exports to China in thousand US dollars, HS 8542
(integrated circuits) and 8486 (machines that make them). ``DUTCH_EXPORTS.csv``: Dutch exports of HS 8486 to
China and to Hong Kong; the currency is not stated, by scale euros. One row a month, wide; here one row a
month, flow and destination. Run alone: ``python -m dlt_sources chip_trade DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from dlt_sources.archive import Snapshot, iter_read
from dlt_sources.tables import Rejects, Source, Table, csv_strings, stamped


@dataclass(frozen=True)
class Column:
    """What one column of a file holds; ``unit`` is the publisher's."""

    exporter: str
    destination: str
    product: str
    unit: str


KOREAN, DUTCH = "KOR_EXPORTS.csv", "DUTCH_EXPORTS.csv"
LAYOUTS = {
    KOREAN: {
        "8486": Column("KR", "CN", "8486", "thousand US dollars"),
        "8542": Column("KR", "CN", "8542", "thousand US dollars"),
    },
    DUTCH: {
        "Exports_China": Column("NL", "CN", "8486", "euros (by scale)"),
        "Exports_HK": Column("NL", "HK", "8486", "euros (by scale)"),
    },
}
EXPORTS = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        pa.field("exporter", pa.string(), nullable=False),
        pa.field("destination", pa.string(), nullable=False),
        pa.field("product", pa.string(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("unit", pa.string(), nullable=False),
    ]
)


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for path, layout in LAYOUTS.items():
        for file, data in iter_read(snapshot, path):
            headers = {"Date": "month"} | {name: name for name in layout}
            wide = csv_strings(data, file, headers, rejects, "exports")
            for name, column in layout.items():
                rows = wide.select(["month", name, "_source_file", "_row"])
                rows = rows.rename_columns(["month", "value", "_source_file", "_row"])
                yield stamped(
                    rows,
                    exporter=column.exporter,
                    destination=column.destination,
                    product=column.product,
                    unit=column.unit,
                )


SOURCE = Source(
    name="chip_trade",
    title="Exports of chips and chip-making machines to China",
    tables=(
        Table(
            "exports",
            EXPORTS,
            (KOREAN, DUTCH),
            _read,
            "exports, one row per month, exporter, destination and product",
        ),
    ),
    cadence="0 7 20 * *",
)
