"""The policy library of gov.cn: documents of the State Council and of ministries by month of publication.

The JSON behind the library's own page, which nobody documents: it may change, or refuse callers from abroad.
Each whole month is asked of both libraries with every parameter that the page sends, because one that is
absent gives an empty answer of good status; only code 1001 says that there is nothing. Pages overlap and move
while they are read, so a month is taken when as many documents came as were counted. Title, number, issuer,
days and address are kept, no text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from dlt.sources.helpers.requests import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dlt_sources.documents import first_fault
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError, NotDataError
from dlt_sources.fetch.parts import gathered
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service

HOST = "sousuo.www.gov.cn"
SEARCH = f"https://{HOST}/search-gov/data"
LIBRARIES = {"zhengcelibrary_gw": "gongwen", "zhengcelibrary_bm": "bumenfile"}  # and their names in answers
STATE_COUNCIL = "国务院"
EMPTY, GOOD = 1001, 200
PAGE = 100  # 5,000 fails, 1,000 works
MOST_PAGES = 100
NO_CONDITION = (
    "pcodeJiguan", "childtype", "subchildtype", "tsbq", "pubtimeyear", "puborg", "pcodeYear", "pcodeNum",
    "filetype", "inpro", "bmfl", "dup", "orpro", "bmpubyear",
)  # fmt: skip
CHINA = timedelta(hours=8)
MONTH_BYTES = 400_000  # some 200 documents
UNEVEN = Bounds(0.1, 10.0)


class _Document(BaseModel):
    """What is read of a document; what there is beside it is nobody's."""

    model_config = ConfigDict(strict=True)

    url: Annotated[str, Field(pattern=r"^https?://[^/\s]+/\S+$")]
    title: Annotated[str, Field(pattern=r"\S")]
    pubtimeStr: Annotated[str, Field(pattern=r"^\d{4}\.\d{2}\.\d{2}$")]  # noqa: N815
    ptime: int | None = None  # day of writing, in thousandths of a second
    pcode: str | None = None
    puborg: str | None = None
    childtype: str | None = None

    @property
    def key(self) -> str:
        """One page under two schemes is one."""
        parts = urlsplit(self.url)
        return f"{parts.netloc}{parts.path}"

    def record(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "title": _plain(self.title),
            "published": self.pubtimeStr.replace(".", "-"),
            "issued": _china_day(self.ptime),
            "number": _plain(self.pcode or "") or None,
            "authority": _plain(self.puborg or "") or STATE_COUNCIL,
            "category": (self.childtype or "").replace("\\", "/") or None,
        }


class _Found(NamedTuple):
    total: int
    documents: list[Any]


def _plain(text: str) -> str:
    """Without marks of what was searched, ends of lines and spaces as wide as a character."""
    return " ".join(html.unescape(re.sub(r"</?em>|<br\s*/?>", " ", text)).split())


def _china_day(thousandths: int | None) -> str | None:
    """The day in China; none where the number stands for no day of this age."""
    try:
        return (
            (datetime.fromtimestamp(thousandths / 1000, UTC) + CHINA).date().isoformat()
            if thousandths
            else None
        )
    except (OverflowError, OSError, ValueError):
        return None


def _check(response: Response) -> None:
    """Lists, or the code that says that there is nothing."""
    answer = response.json()
    code = answer.get("code") if isinstance(answer, dict) else None
    if code == EMPTY:
        return
    if code != GOOD or not isinstance(answer.get("searchVO"), dict):
        raise NotDataError(f"code {code!r} and no list")
    lists = answer["searchVO"]
    if not lists.get("listVO") and not lists.get("catMap") and lists.get("q") is None:
        raise NotDataError("good by its code and without a list: a parameter is missing", is_lasting=True)


def _found(answer: Mapping[str, Any], category: str) -> _Found:
    """What an answer lists of one library, on its own or among others'."""
    if answer["code"] == EMPTY:
        return _Found(0, [])
    lists = answer["searchVO"]
    if not lists.get("listVO"):
        categories = lists.get("catMap") or {category: lists}
        lists = categories.get(category, {}) if isinstance(categories, dict) else {}
    count, documents = lists.get("totalCount", 0), lists.get("listVO") or []
    if not isinstance(count, int) or not isinstance(documents, list):
        raise FetchError(
            "fetch: china_policy_documents: a count or a list of another kind; teach the connector"
        )
    return _Found(max(count, len(documents)), documents)


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    for month in span.whole_months():
        yield gathered(
            _path(month),
            partial(_records, month=month),
            url=SEARCH,
            observed=month.until,
            bounds=UNEVEN,
        )


def _path(month: DaySpan) -> str:
    return f"gov_cn/{month.since:%Y-%m}.jsonl.gz"


def _records(session: ServiceSession, month: DaySpan) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for library, category in LIBRARIES.items():
        for document in _library(session, month, library, category):
            yield document.key, document.record()


def _library(session: ServiceSession, month: DaySpan, library: str, category: str) -> Iterator[_Document]:
    """Every document of a library's month.

    Raises:
        FetchError: fewer came than were counted, or a record is of another kind.
    """
    where = f"fetch: china_policy_documents: {library} of {month.since:%Y-%m}"
    seen: dict[str, _Document] = {}
    for number in range(1, MOST_PAGES + 1):
        answer = session.json(SEARCH, _query(month, library, number), headers={"Referer": f"https://{HOST}/"})
        found = _found(answer, category)
        before = len(seen)
        for entry in found.documents:
            document = _document(entry, where)
            seen[document.key] = document
        if len(seen) >= found.total:
            yield from seen.values()
            return
        if len(seen) == before:
            break
    raise FetchError(f"{where}: {len(seen)} documents came, {found.total} were counted; fetch again later")


def _document(entry: object, where: str) -> _Document:
    try:
        return _Document.model_validate(entry)
    except ValidationError as error:
        fault = first_fault(error)
    raise FetchError(
        f"{where}: a document: {fault}; the service has changed its records, teach the connector"
    )


def _query(month: DaySpan, library: str, page: int) -> dict[str, Any]:
    return {
        "t": library,
        "q": "",
        "timetype": "timezd",
        "mintime": month.since.isoformat(),
        "maxtime": month.until.isoformat(),
        "sort": "pubtime",
        "sortType": 1,
        "searchfield": "title",
        **dict.fromkeys(NO_CONDITION, ""),
        "p": page,
        "n": PAGE,
    }


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    missing = sum(_path(month) not in have for month in span.whole_months())
    return FetchCost(missing * 4, missing * MONTH_BYTES)


SERVICE = Service(
    source="china_policy_documents",
    title="Documents of the State Council and of ministries (gov.cn)",
    hosts={HOST: 4.0},
    parts=_parts,
    estimate=_estimate,
    since=date(2018, 1, 1),
    cadence="0 7 6 * *",
    licence="not stated; facts (titles, numbers, days) are kept, no texts",
    attribution="Policy document library of the Government of China (www.gov.cn)",
    homepage="https://sousuo.www.gov.cn/zcwjk/policyDocumentLibrary",
    check=_check,
    seconds_per_answer=2.0,
)
