"""Country Activity Tracker of the Emerging Technology Observatory: AI articles and patents by year.

Publisher: CSET's ETO (cite ETO; its terms of use apply), through a mirror. Long tables of country,
field and year. ``country`` covers groups (EU, NATO, Asia …) beside countries, and one name, Congo, for
two of them; ``complete`` is False for years that are not yet fully counted. Companies, citations and
summaries are not read. Run alone: ``python -m dlt_sources eto_country_activity DIR``.
"""

from __future__ import annotations

import pyarrow as pa

from dlt_sources.tables import Source, Table, csv_reader


def _yearly(name: str, measure: str, description: str) -> Table:
    """One long table: a row is a country or group, a field and a year."""
    columns = pa.schema(
        [
            pa.field("country", pa.string(), nullable=False),
            pa.field("field", pa.string(), nullable=False),
            pa.field("year", pa.int64(), nullable=False),
            pa.field(measure, pa.int64(), nullable=False),
            pa.field("complete", pa.bool_(), nullable=False),
        ]
    )
    glob = f"cat/{name}.csv"
    read = csv_reader(name, glob, {column: column for column in columns.names})
    return Table(name, columns, (glob,), read, description, {"year": (1950, 2100), measure: (0, 10**9)})


SOURCE = Source(
    name="eto_country_activity",
    title="ETO Country Activity Tracker: Artificial Intelligence",
    tables=(
        _yearly("publications_yearly_articles", "num_articles", "articles by affiliation country and year"),
        _yearly("patents_yearly_granted", "num_patent_granted", "granted families by year of first filing"),
        _yearly(
            "patents_yearly_applications", "num_patent_applications", "applications by year of first filing"
        ),
    ),
    cadence="0 6 10 * *",
)
