"""What simulated BIS publishes, as days of Regulations.gov, other agencies beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from dlt_sources.sample.world import FIRST, LAST, World, Written

WASHINGTON = ZoneInfo("America/New_York")
DAYS = 150
PAGE_SIZE = 8
FULL_ANSWER = 11  # documents on the one day that needs a second page
OTHERS = ("FAA", "EPA", "USCG", "NOAA", "FDA")
TITLES = (
    "Addition of Entities to the Entity List",
    "Revisions to the Unverified List",
    "Export Administration Regulations: Additional Export Controls on Advanced Computing Items",
    "Implementation of Certain Wassenaar Arrangement Decisions",
    "Section 232 Steel and Aluminum Tariff Exclusions Process",
    "Temporary General License: Extension of Validity",
)


def answers(world: World) -> Mapping[str, Written]:
    """Each day's answer by its path."""
    rng = world.rng("regulations_gov_bis")
    span = (LAST - FIRST).days
    offsets = sorted(rng.choice(span, size=DAYS, replace=False))
    days = [_weekday(FIRST + timedelta(days=int(offset))) for offset in offsets]
    return {
        f"daily_search_results/{day:%Y_%m_%d}.json": Written(_answer(rng, day, number))
        for number, day in enumerate(dict.fromkeys(days))
    }


def rules_of_bis(world: World) -> Iterator[tuple[str, date, str]]:
    """(Federal Register number, day, title) of what BIS published, for the sources that hold it too."""
    for path, answer in answers(world).items():
        day = datetime.strptime(path, "daily_search_results/%Y_%m_%d.json").date()
        for page in json.loads(answer.data):
            for document in page["data"]:
                fields = document["attributes"]
                if fields["agencyId"] == "BIS" and fields["frDocNum"]:
                    yield fields["frDocNum"], day, fields["title"]


def _weekday(day: date) -> date:
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _answer(rng: np.random.Generator, day: date, number: int) -> bytes:
    others = FULL_ANSWER - 1 if number == 20 else int(rng.integers(0, 6))
    documents = [_document(rng, "BIS", day, number, 0)]
    documents += [
        _document(rng, OTHERS[rng.integers(len(OTHERS))], day, number, place)
        for place in range(1, others + 1)
    ]
    pages = [documents[start : start + PAGE_SIZE] for start in range(0, len(documents), PAGE_SIZE)]
    return json.dumps(
        [
            {"data": page, "meta": _meta(page, at, len(pages), len(documents), day)}
            for at, page in enumerate(pages, 1)
        ],
        indent=2,
    ).encode()


def _document(rng: np.random.Generator, agency: str, day: date, number: int, place: int) -> dict[str, object]:
    bis = agency == "BIS"
    withdrawn = bis and number % 40 == 13
    copy = bis and number % 50 == 17
    posted = datetime.combine(day, time(), WASHINGTON).astimezone(UTC)
    if withdrawn:  # says 00:00 UTC of the next day, still the evening of this one in Washington
        posted = datetime.combine(day + timedelta(days=1), time(), UTC)
    title = TITLES[rng.integers(len(TITLES))] if bis else f"Airworthiness Directives; Simulated {place}"
    identifier = f"{agency}-{day.year}-{number:04}-{place:04}"
    stamp = posted.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": identifier,
        "type": "documents",
        "attributes": {
            "documentType": "Proposed Rule" if rng.random() < (0.1 if bis else 0.4) else "Rule",
            "lastModifiedDate": stamp,
            "highlightedContent": "",
            "frDocNum": None if withdrawn or copy else f"{day.year}-{number:03}{place:02}",
            "withdrawn": withdrawn,
            "agencyId": agency,
            "commentEndDate": None,
            "title": f"86 FR {1000 + number} {title}" if copy else title,
            "postedDate": stamp,
            "docketId": identifier.rpartition("-")[0],
            "subtype": None,
            "commentStartDate": None,
            "openForComment": False,
            "objectId": f"09000064{number:06x}{place:02x}",
        },
        "links": {"self": f"https://api.regulations.gov/v4/documents/{identifier}"},
    }


def _meta(page: list[dict[str, object]], at: int, pages: int, total: int, day: date) -> dict[str, object]:
    return {
        "filters": {"postedDate": {"fromDate": day.isoformat(), "toDate": day.isoformat()}},
        "hasNextPage": at < pages,
        "hasPreviousPage": at > 1,
        "numberOfElements": len(page),
        "pageNumber": at,
        "pageSize": PAGE_SIZE,
        "totalElements": total,
        "totalPages": pages,
        "lastPage": at == pages,
        "firstPage": at == 1,
    }
