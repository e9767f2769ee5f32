"""Federal Register API v1: documents of BIS, and those whose title or abstract names chips or AI, by month.

What the posts of an agent hold in part, of every month from 2020 on: each whole month is asked for BIS and
for three words, once; words are searched in whole texts, so what names none in title or abstract is left out
here. A condition that the service dropped is seen in the description that it echoes, a capped count in its
size: then the window is halved. A document may be corrected later, which its month does not show.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

from dlt.sources.helpers.requests import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dlt_sources.documents import first_fault
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError, NotDataError
from dlt_sources.fetch.parts import gathered
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service

HOST = "www.federalregister.gov"
DOCUMENTS = f"https://{HOST}/api/v1/documents.json"
AGENCY, AGENCY_SAID = "industry-and-security-bureau", "Industry and Security Bureau"
TERMS = ("artificial intelligence", "semiconductor", "Entity List")
WORDS = re.compile(
    r"artificial intelligence|machine learning|semiconductor|integrated circuit|entity list"
    r"|advanced computing|export administration regulations",
    re.IGNORECASE,
)
CAP = 2_000  # results of one query that can be paged through; at 10,000 the count itself is cut
PAGE = 1_000
FIELDS = (
    "document_number", "title", "type", "action", "abstract", "agencies", "publication_date", "effective_on",
    "dates", "citation", "cfr_references", "html_url",
)  # fmt: skip
MONTH_BYTES = 2_500_000  # four answers of a month, of which a fiftieth is kept
UNEVEN = Bounds(0.1, 10.0)  # months have 10 to 60 documents
Text = str | None
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class _Agency(BaseModel):
    slug: Text = None


class _Reference(BaseModel):
    title: int | None = None
    part: str | int | None = None


class _Document(BaseModel):
    """What is read of a document; what there is beside it is nobody's."""

    model_config = ConfigDict(strict=True)

    document_number: Annotated[str, Field(pattern=r"\S")]
    publication_date: Day
    title: Text
    type: Text
    action: Text = None
    abstract: Text
    agencies: list[_Agency]
    effective_on: Day | None = None
    dates: Text = None
    citation: Text = None
    cfr_references: list[_Reference] = Field(default_factory=list)
    html_url: Text

    def record(self) -> dict[str, Any]:
        plain = self.model_dump(exclude={"agencies", "cfr_references"})
        agencies = sorted({agency.slug for agency in self.agencies if agency.slug})
        parts = sorted(
            {f"{cfr.title} CFR {cfr.part}" for cfr in self.cfr_references if cfr.title and cfr.part}
        )
        return {**plain, "agencies": ";".join(agencies), "cfr_parts": ";".join(parts)}

    @property
    def key(self) -> str:
        """Numbers were used twice before 2016."""
        return f"{self.document_number} {self.publication_date}"

    @property
    def is_in_scope(self) -> bool:
        is_of_bis = any(agency.slug == AGENCY for agency in self.agencies)
        return is_of_bis or WORDS.search(f"{self.title} {self.abstract}") is not None


def _check(response: Response) -> None:
    """An answer holds a count and, where that is not zero, results."""
    answer = response.json()
    count = answer.get("count") if isinstance(answer, dict) else None
    if not isinstance(count, int) or (count and not isinstance(answer.get("results"), list)):
        raise NotDataError("no count of documents, or no results beside one")


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    for month in span.whole_months():
        yield gathered(
            _path(month),
            partial(_records, month=month),
            url=DOCUMENTS,
            observed=month.until,
            bounds=UNEVEN,
        )


def _path(month: DaySpan) -> str:
    return f"documents/{month.since:%Y-%m}.jsonl.gz"


def _records(session: ServiceSession, month: DaySpan) -> Iterator[tuple[str, Mapping[str, Any]]]:
    conditions = [({"conditions[agencies][]": AGENCY}, AGENCY_SAID)]
    conditions += [({"conditions[term]": f'"{term}"'}, term) for term in TERMS]
    for asked, said in conditions:
        for document in _window(session, month, asked, said):
            if document.is_in_scope:
                yield document.key, document.record()


def _window(
    session: ServiceSession, window: DaySpan, asked: Mapping[str, str], said: str
) -> Iterator[_Document]:
    """All documents of the days, in windows that are small enough to be paged through.

    Raises:
        FetchError: a condition was dropped, a day has too many, or pages hold fewer than was counted.
    """
    answer = session.json(DOCUMENTS, _query(window, asked))
    where = f"fetch: federal_register_posts: {window.since} to {window.until}"
    echoed = f"from {window.since:%m/%d/%Y} to {window.until:%m/%d/%Y}"
    description = str(answer.get("description"))
    if said.lower() not in description.lower() or echoed not in description:
        raise FetchError(
            f"{where}: was asked for {said!r} {echoed}, and answered {description[:120]!r}: a condition was "
            "dropped; look whether the service has changed"
        )
    count = answer["count"]
    if count >= CAP:
        if window.days == 1:
            raise FetchError(
                f"{where}: {count} documents in one day, expected under {CAP}; fetch again later"
            )
        middle = window.since + timedelta(days=window.days // 2 - 1)
        yield from _window(session, DaySpan(window.since, middle), asked, said)
        yield from _window(session, DaySpan(middle + timedelta(days=1), window.until), asked, said)
        return
    keys = set()
    for found in _pages(session, answer):
        document = _document(found, where)
        keys.add(document.key)
        yield document
    if len(keys) != count:
        raise FetchError(f"{where}: {len(keys)} documents came, {count} were counted; fetch again later")


def _document(found: object, where: str) -> _Document:
    try:
        return _Document.model_validate(found)
    except ValidationError as error:
        fault = first_fault(error)
    raise FetchError(
        f"{where}: a document: {fault}; the service has changed its records, teach the connector"
    )


def _pages(session: ServiceSession, answer: Mapping[str, Any]) -> Iterator[object]:
    while True:
        yield from answer.get("results", [])
        following = answer.get("next_page_url")
        if not following:
            return
        answer = session.json(str(following))


def _query(window: DaySpan, asked: Mapping[str, str]) -> dict[str, Any]:
    return {
        **asked,
        "conditions[publication_date][gte]": window.since.isoformat(),
        "conditions[publication_date][lte]": window.until.isoformat(),
        "fields[]": list(FIELDS),
        "order": "oldest",
        "per_page": PAGE,
    }


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    missing = sum(_path(month) not in have for month in span.whole_months())
    return FetchCost(missing * (1 + len(TERMS)), missing * MONTH_BYTES)


SERVICE = Service(
    source="federal_register_posts",
    title="Federal Register documents on chips, export control and AI",
    hosts={HOST: 0.5},
    parts=_parts,
    estimate=_estimate,
    since=date(2020, 1, 1),
    cadence="0 7 6 * *",
    licence="United States government works (public domain)",
    attribution="Federal Register API, Office of the Federal Register and Government Publishing Office",
    homepage="https://www.federalregister.gov/developers/documentation/api/v1",
    check=_check,
    seconds_per_answer=1.5,
)
