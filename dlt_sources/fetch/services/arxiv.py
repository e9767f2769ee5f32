"""arXiv's OAI-PMH: records of cs.CL, cs.LG and cs.AI, a file a set and month of change.

There is no harvest by day of submission: a record stands under the day of its last change, so that a month's
file has papers of any age, and a paper's newest record is the one that counts. A month is taken once it is
over and not asked for again; a paper that changes while older months are read is in the file of a later one.
Errors come with status 200; a list's token is known for a day. That no record matches is no answer here: each
set has thousands a month, and an unknown set is said in the same words. Authors are not kept.
Source: arXiv's pages on OAI and its terms (one request in 3 s over one connection).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dlt.sources.helpers.requests import Response

from dlt_sources.documents import DocumentError
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError, NotDataError, OutdatedError
from dlt_sources.fetch.parts import Records, gathered
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service
from dlt_sources.markup import tree, words

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

HOST = "oaipmh.arxiv.org"
OAI = f"https://{HOST}/oai"
CATEGORIES = ("cs.AI", "cs.CL", "cs.LG")
ANY = Bounds(0.0, float("inf"))  # arXiv has rewritten the day of change of many records at once
PAGES, PAGE_BYTES = 8, 3_000_000  # of a set and month: 1,300 records each
FIELDS = ("id", "created", "updated", "categories", "title", "abstract")
_ERROR = re.compile(rb"<error\s+code=[\"'](\w+)[\"'][^>]*>([^<]*)")
EXPIRED = "badResumptionToken"


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    today = datetime.fromtimestamp(session.clock.now(), UTC).date()
    for month in _whole_months(span, today):
        for category in CATEGORIES:
            yield gathered(
                f"{category}/{month.since:%Y-%m}.jsonl.gz",
                _records(category, month),
                url=OAI,
                observed=month.until,
                version=f"{month.since:%Y-%m}",
                bounds=ANY,
            )


def _whole_months(span: DaySpan, today: date) -> Iterator[DaySpan]:
    """The months of the span that are over."""
    for month in span.months():
        if month.since.day == 1 and (month.until + timedelta(days=1)).day == 1 and month.until < today:
            yield month


def _records(category: str, month: DaySpan) -> Records:
    def records(session: ServiceSession) -> Iterator[tuple[str, Mapping[str, Any]]]:
        asked = {
            "verb": "ListRecords",
            "metadataPrefix": "arXiv",
            "set": "cs:" + category.replace(".", ":"),
            "from": month.since.isoformat(),
            "until": month.until.isoformat(),
        }
        while asked:
            root = _answer(session, asked)
            yield from map(_record, root.findall("{*}ListRecords/{*}record"))
            token = words(root.find(".//{*}resumptionToken"))  # empty on the last page, or not there
            asked = {"verb": "ListRecords", "resumptionToken": token} if token else {}

    return records


def _answer(session: ServiceSession, asked: Mapping[str, str]) -> Element:
    """A page of the list.

    Raises:
        OutdatedError: the list's token is no longer known.
    """
    content = session.ask(OAI, asked, kind="xml").content  # bytes: the header says no encoding
    if _error(content)[0] == EXPIRED:
        raise OutdatedError("the list's token is no longer known")
    return tree(content)


def _check(response: Response) -> None:
    """OAI's own errors, and a document that breaks off, are no data."""
    code, said = _error(response.content)
    if code and code != EXPIRED:
        raise NotDataError(f"OAI error {code} ({said})")
    try:
        tree(response.content)
    except DocumentError as error:
        raise NotDataError(str(error)) from None


def _error(content: bytes) -> tuple[str, str]:
    found = _ERROR.search(content[:4096])
    return (found[1].decode(), " ".join(found[2].decode("utf-8", "replace").split())) if found else ("", "")


def _record(record: Element) -> tuple[str, Mapping[str, Any]]:
    """A paper's key and what is kept of it: no authors, and of a deleted one no more than that it was."""
    header, paper = record.find("{*}header"), record.find("{*}metadata/*")
    identifier = words(record.find("{*}header/{*}identifier"))
    if header is None or not identifier:
        raise FetchError("fetch: arxiv: a record without identifier; look whether the service changed")
    known = {"datestamp": words(header.find("{*}datestamp")), "is_deleted": header.get("status") == "deleted"}
    given = {name: None if paper is None else words(paper.find(f"{{*}}{name}")) for name in FIELDS}
    given["id"] = given["id"] or identifier.rpartition(":")[2]
    return identifier, given | known


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    asked = [
        f"{category}/{month.since:%Y-%m}.jsonl.gz"
        for month in span.months()
        if (month.until + timedelta(days=1)).day == 1
        for category in CATEGORIES
    ]
    missing = len(set(asked) - set(have))
    return FetchCost(missing * PAGES, missing * PAGES * PAGE_BYTES)


SERVICE = Service(
    source="arxiv",
    title="arXiv: papers of cs.AI, cs.CL and cs.LG",
    hosts={HOST: 3.0},
    parts=_parts,
    estimate=_estimate,
    since=date(2019, 1, 1),
    cadence="0 5 2 * *",
    licence="CC0-1.0",
    attribution="arXiv.org, descriptive metadata (CC0-1.0)",
    homepage="https://info.arxiv.org/help/oa/index.html",
    check=_check,
    least_wait=3.0,
    seconds_per_answer=6.0,
)
