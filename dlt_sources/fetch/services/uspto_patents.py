"""USPTO Open Data Portal: weekly full texts of grants and published applications, as the office names them.

The portal's list of a product says which files there are, how large and where; it is asked year by year. Each
is a zip of 140 MB with some 6,000 documents in one XML member, and is checked by its size and to its end. A
week that was corrected has a file of its own (``ipg230124_r1.zip``) beside the first or instead of it: the
highest revision is taken. The key goes to the portal alone; a file's address leads on to a signed one that
lasts seconds, which is followed at once, written nowhere, and asked for anew where a download breaks.
The portal blocks a key that is used twice at once, and gives five files in ten seconds.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from dlt.sources.helpers.requests import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dlt_sources.documents import first_fault
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError, NotDataError, RefusedError
from dlt_sources.fetch.parts import whole
from dlt_sources.fetch.service import DaySpan, FetchCost, Part, Service, ServiceKey

HOST = "api.uspto.gov"
PRODUCTS = {"PTGRXML": 2, "APPXML": 4}  # grants on Tuesdays, applications on Thursdays
LIST = f"https://{HOST}/api/v1/datasets/products/"
NO_MATCH = "No matching records"  # a 404 that means none
FILE_BYTES = 140_000_000  # mean of the files of June and July 2023
_NAME = re.compile(r"ip[ag](\d{6})(?:_r(\d+))?\.zip")


class _File(BaseModel):
    """What is read of a file's entry; names of the other fields have changed more than once."""

    model_config = ConfigDict(strict=True)

    fileName: Annotated[str, Field(pattern=r"\S")]  # noqa: N815
    fileDownloadURI: Annotated[str, Field(pattern=r"\S")]  # noqa: N815
    fileSize: int | None = None  # noqa: N815


class Week(NamedTuple):
    """A file of one day of issue."""

    day: date
    revision: int
    name: str
    url: str
    size: int | None

    @property
    def path(self) -> str:
        return f"{self.day.year}/{self.name}"


def _check(response: Response) -> None:
    if not isinstance(response.json(), dict):
        raise NotDataError("no list of products")


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    years = range(span.since.year, span.until.year + 1)
    for product, year in itertools.product(PRODUCTS, years):
        window = DaySpan(max(span.since, date(year, 1, 1)), min(span.until, date(year, 12, 31)))
        for week in _newest_revisions(_listed(session, product, window)):
            if week.day in window:
                yield whole(
                    week.path,
                    week.url,
                    expected={"kind": "bytes", "size": week.size},
                    observed=week.day,
                    note=f"revision {week.revision}" if week.revision else None,
                )


def _listed(session: ServiceSession, product: str, window: DaySpan) -> Iterator[Week]:
    """The files of the product in these days; other files of its list are nobody's.

    Raises:
        FetchError: an entry is of another kind, or leads elsewhere than to the portal.
    """
    asked = {
        "fileDataFromDate": window.since.isoformat(),
        "fileDataToDate": window.until.isoformat(),
        "includeFiles": "true",
    }
    try:
        answer = session.json(LIST + product, asked)
    except RefusedError as error:
        if error.status == 404 and NO_MATCH in str(error):
            return
        raise
    for entry in _entries(answer, product):
        try:
            file = _File.model_validate(entry)
        except ValidationError as error:
            raise FetchError(
                f"fetch: uspto_patents: a file of {window.since.year}: {first_fault(error)}; "
                "the portal has changed its lists, teach the connector"
            ) from None
        if (day := _day(file.fileName)) is not None:
            _refuse_elsewhere(file)
            revision = int((_NAME.fullmatch(file.fileName) or [""] * 3)[2] or 0)
            yield Week(day, revision, file.fileName, file.fileDownloadURI, file.fileSize)


def _entries(answer: dict[str, Any], wanted: str) -> list[object]:
    """The entries of all files of a product, of which there may be none."""
    products = answer.get("bulkDataProductBag")
    if not isinstance(products, list):
        raise FetchError(
            "fetch: uspto_patents: a list without bulkDataProductBag; the portal has changed its lists, "
            "teach the connector"
        )
    found: list[object] = []
    for product in products:
        if not isinstance(product, dict) or product.get("productIdentifier") != wanted:
            continue
        files = product.get("productFileBag")
        entries = files.get("fileDataBag") if isinstance(files, dict) else None
        found += entries if isinstance(entries, list) else []
    return found


def _refuse_elsewhere(file: _File) -> None:
    parts = urlsplit(file.fileDownloadURI)
    if (parts.scheme, parts.hostname) != ("https", HOST):
        raise FetchError(
            f"fetch: uspto_patents: {file.fileName}: lies at {parts.scheme}://{parts.netloc}, "
            f"expected https://{HOST}: refused"
        )


def _newest_revisions(weeks: Iterator[Week]) -> list[Week]:
    newest: dict[date, Week] = {}
    for week in weeks:
        if week.day not in newest or week.revision > newest[week.day].revision:
            newest[week.day] = week
    return [newest[day] for day in sorted(newest)]


def _day(name: str) -> date | None:
    """The day of issue in a file's name; none in a name of another kind."""
    known = _NAME.fullmatch(name)
    try:
        return datetime.strptime(known[1], "%y%m%d").date() if known else None
    except ValueError:
        return None


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    known = {_day(path.split("/")[-1]) for path in have}
    days = (span.since + timedelta(days=n) for n in range(span.days))
    missing = sum(day.isoweekday() in PRODUCTS.values() and day not in known for day in days)
    years = span.until.year - span.since.year + 1 if span.days else 0
    return FetchCost(len(PRODUCTS) * years + 2 * missing, missing * FILE_BYTES)


SERVICE = Service(
    source="uspto_patents",
    title="US patents, full text by week (USPTO)",
    hosts={HOST: 2.0},
    parts=_parts,
    estimate=_estimate,
    since=date(2018, 1, 1),
    cadence="0 9 * * 5",
    licence="United States government works; third parties may have rights in texts",
    attribution="United States Patent and Trademark Office, Open Data Portal (PTGRXML, APPXML)",
    homepage="https://data.uspto.gov/bulkdata/datasets/ptgrxml",
    key=ServiceKey(
        "USPTO_ODP_API_KEY",
        "sign in at data.uspto.gov with a verified account, make a key under My ODP and export it",
        header="X-API-KEY",
    ),
    check=_check,
    least_wait=5.0,
    seconds_per_answer=8.0,
)
