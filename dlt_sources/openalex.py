"""OpenAlex: works of computer science that lie on arXiv, with the countries of their authors' institutions.

Publisher: OpenAlex (OurResearch), CC0-1.0. Files are as ``fetch/services/openalex.py`` writes them, of one
month of publication and one pull: ``works/<month>/pulled-<month>.jsonl`` (a work a line, its countries and
those of its companies as sets) and ``countries/…`` (all works of the field by country, ZZ where none is
known, as a guard). A day of publication is often the journal's; the month of submission is in the arXiv id.
No person is in it. Run alone: ``python -m dlt_sources openalex DIR``.
"""

from __future__ import annotations

import re

import pyarrow as pa

from dlt_sources.archive import File
from dlt_sources.json_lines import json_lines_reader
from dlt_sources.tables import Source, Table

WORKS_FILES, COUNTRIES_FILES = "works/*.jsonl", "countries/*.jsonl"
WORKS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("arxiv_id", pa.string()),
        pa.field("publication_date", pa.date32(), nullable=False),
        pa.field("type", pa.string()),
        pa.field("topic", pa.string()),
        pa.field("countries", pa.string()),
        pa.field("company_countries", pa.string()),
        pa.field("authors", pa.int64(), nullable=False),
        pa.field("authors_without_country", pa.int64(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("pulled_month", pa.date32(), nullable=False),
    ]
)
COUNTRIES = pa.schema(
    [
        pa.field("country", pa.string(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("works", pa.int64(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("pulled_month", pa.date32(), nullable=False),
    ]
)
_MONTHS = re.compile(r"/(\d{4}-\d{2})/pulled-(\d{4}-\d{2})\.")


def _months(file: File) -> dict[str, str]:
    found = _MONTHS.search(file.path)
    month, pulled = found.groups() if found else ("", "")
    return {"month": f"{month}-01", "pulled_month": f"{pulled}-01"}


SOURCE = Source(
    name="openalex",
    title="OpenAlex: computer science on arXiv, by country",
    tables=(
        Table(
            "works",
            WORKS,
            (WORKS_FILES,),
            json_lines_reader(WORKS_FILES, WORKS, _months),
            "one row per work, month of publication and pull",
            bounds={"authors": (0, 100_000), "authors_without_country": (0, 100_000)},
        ),
        Table(
            "country_months",
            COUNTRIES,
            (COUNTRIES_FILES,),
            json_lines_reader(COUNTRIES_FILES, COUNTRIES, _months),
            "works of the field by country, month of publication and pull; they count in each country",
            bounds={"works": (0, 10**7)},
        ),
    ),
    cadence="0 5 8 1,4,7,10 *",
)
