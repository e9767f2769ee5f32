"""Universities and the countries in which they sit: a look-up, never passed on.

Publisher: CSRankings (CC BY-NC-ND 4.0: nothing made of it is redistributed row by row). Institutions of the
United States are not listed, as are most of the world's: absence says nothing. Codes are lower case, ``uk``
stands for GB. Run alone: ``python -m dlt_sources institutions DIR``.
"""

from __future__ import annotations

import pyarrow as pa

from dlt_sources.tables import Source, Table, csv_reader

COUNTRIES = "country-info.csv"
COLUMNS = pa.schema(
    [
        pa.field("institution", pa.string(), nullable=False),
        pa.field("region", pa.string(), nullable=False),
        pa.field("country_code", pa.string(), nullable=False),
    ]
)
HEADERS = {"institution": "institution", "region": "region", "countryabbrv": "country_code"}

SOURCE = Source(
    name="institutions",
    title="Countries of universities",
    tables=(
        Table(
            "countries",
            COLUMNS,
            (COUNTRIES,),
            csv_reader("countries", COUNTRIES, HEADERS),
            "one row per institution outside the United States, with a lower-case country code",
        ),
    ),
    cadence="0 7 1 * *",
)
