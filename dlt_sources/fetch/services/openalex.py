"""OpenAlex: works of computer science that lie on arXiv, and all works of the field by country, by month.

A pull rewrites history (the service counts again whatever it holds), so all months come from pulls of one
calendar month and pulls are never mixed. Works come by cursor, and are counted against what the service says
that there are; groups by country likewise, for a group list that was cut looks whole. Of a work are kept its
countries and those of its companies as sets, how many authors there are and how many without a country:
names, addresses and identifiers of persons are not. Source: OpenAlex's documentation of 2026 (key in the
address, dollars a day, seconds to midnight in the headers).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.parts import Records, gathered
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service, ServiceKey
from dlt_sources.fetch.waits import reset_in, retry_after

HOST = "api.openalex.org"
WORKS = f"https://{HOST}/works"
FIELD, ARXIV = "17", "S4306400194"  # computer science; arXiv as a place of publication
SELECT = "id,doi,publication_date,type,authorships,primary_topic,locations"
PER_PAGE = 100
COUNTED_AGAIN = Bounds(0.7, 1.5)  # of one month from pull to pull
PAGES, PAGE_BYTES = 110, 900_000  # of a month
_ARXIV_ID = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf)/|oai:arxiv\.org:|10\.48550/arxiv\.)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})",
    re.IGNORECASE,
)
_COUNTRY = re.compile(r"[A-Z]{2}")

_reset = reset_in("X-RateLimit-Remaining", "X-RateLimit-Reset")


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    today = datetime.fromtimestamp(session.clock.now(), UTC).date()
    for month in span.months():
        if month.since.day != 1 or (month.until + timedelta(days=1)).day != 1 or month.until >= today:
            continue
        for folder, records in (("works", _works(month)), ("countries", _countries(month))):
            yield gathered(
                f"{folder}/{month.since:%Y-%m}/pulled-{today:%Y-%m}.jsonl.gz",
                records,
                url=WORKS,
                observed=today,
                version=f"{month.since:%Y-%m} pulled {today:%Y-%m}",
                bounds=COUNTED_AGAIN,
            )


def _in_field(month: DaySpan) -> str:
    days = f"from_publication_date:{month.since},to_publication_date:{month.until}"
    return f"primary_topic.field.id:{FIELD},{days}"


def _works(month: DaySpan) -> Records:
    def records(session: ServiceSession) -> Iterator[tuple[str, Mapping[str, Any]]]:
        asked = {"filter": f"{_in_field(month)},locations.source.id:{ARXIV}", "select": SELECT}
        for work in _paged(session, asked, "results"):
            yield _last(work["id"]), _work(work)

    return records


def _countries(month: DaySpan) -> Records:
    def records(session: ServiceSession) -> Iterator[tuple[str, Mapping[str, Any]]]:
        asked = {"filter": _in_field(month), "group_by": "authorships.countries:include_unknown"}
        for group in _paged(session, asked, "group_by"):
            key = _last(group["key"]).upper()
            country = key if _COUNTRY.fullmatch(key) else "ZZ"  # "unknown", or a placeholder
            yield key, {"country": country, "key": key, "works": group["count"]}

    return records


def _paged(session: ServiceSession, asked: Mapping[str, str], rows: str) -> Iterator[dict[str, Any]]:
    """All rows of a question, counted against what the first answer says of them.

    Raises:
        FetchError: fewer came: a list that is cut says so nowhere else.
    """
    cursor: str | None = "*"
    expected, keys = None, set[str]()
    while cursor:
        page = session.json(WORKS, {**asked, "per_page": PER_PAGE, "cursor": cursor})
        meta, found = page.get("meta") or {}, page.get(rows) or []
        if expected is None:
            expected = meta.get("count" if rows == "results" else "groups_count")
        for row in found:
            keys.add(str(row.get("id") or row.get("key")))
            yield row
        cursor = meta.get("next_cursor") if found else None  # the last page's still leads to an empty one
    if expected is None or len(keys) < expected:
        raise FetchError(
            f"fetch: openalex: {len(keys)} of {expected} {rows} came for {asked['filter'][:120]}; "
            "fetch again later"
        )


def _work(work: Mapping[str, Any]) -> Mapping[str, Any]:
    authorships = work.get("authorships") or []
    countries = [_places(authorship) for authorship in authorships]
    companies = {
        institution.get("country_code")
        for authorship in authorships
        for institution in authorship.get("institutions") or []
        if institution.get("type") == "company"
    }
    return {
        "id": _last(work["id"]),
        "arxiv_id": _arxiv_id(work),
        "publication_date": work.get("publication_date"),
        "type": work.get("type"),
        "topic": _last((work.get("primary_topic") or {}).get("id")),
        "countries": ";".join(sorted(set().union(*countries))),
        "company_countries": ";".join(sorted(code or "ZZ" for code in companies)),
        "authors": len(authorships),
        "authors_without_country": sum(not found for found in countries),
    }


def _places(authorship: Mapping[str, Any]) -> set[str]:
    """An author's countries, summed up by the service or with the institutions; either may be empty."""
    institutions = authorship.get("institutions") or []
    stated = {*(authorship.get("countries") or []), *(i.get("country_code") for i in institutions)}
    return {code for code in stated if code}


def _arxiv_id(work: Mapping[str, Any]) -> str | None:
    locations = work.get("locations") or []
    places = [
        work.get("doi"),
        *(x for place in locations for x in (place.get("id"), place.get("landing_page_url"))),
    ]
    found = (_ARXIV_ID.search(place) for place in places if place)
    return next((match[1] for match in found if match), None)


def _last(url: Any) -> str:
    """``W123`` of ``https://openalex.org/W123``; older answers have the bare one."""
    return str(url or "").rpartition("/")[2]


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    """Every month of the span is pulled anew each calendar month."""
    pull = f"pulled-{span.until:%Y-%m}"
    months = [month for month in span.months() if (month.until + timedelta(days=1)).day == 1]
    missing = sum(f"works/{month.since:%Y-%m}/{pull}.jsonl.gz" not in have for month in months)
    return FetchCost(missing * (PAGES + 3), missing * PAGES * PAGE_BYTES)


SERVICE = Service(
    source="openalex",
    title="OpenAlex: computer science on arXiv, by country",
    hosts={HOST: 0.2},
    parts=_parts,
    estimate=_estimate,
    since=date(2019, 1, 1),
    cadence="0 5 8 1,4,7,10 *",
    licence="CC0-1.0",
    attribution="OpenAlex (CC0-1.0)",
    homepage="https://openalex.org",
    key=ServiceKey(
        "OPENALEX_API_KEY",
        "make a free account at openalex.org, copy the key from its settings and export it",
        parameter="api_key",
    ),
    waits=(_reset, retry_after),
    pauses=(_reset,),
    seconds_per_answer=1.0,
)
