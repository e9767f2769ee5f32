"""epoch.ai/data: three of Epoch's lists, as versions dated by the day on which they were fetched.

A list is one CSV that is written anew every day and says of no day which it is. Each is asked for with what
its last version was called (ETag or date), so that an unchanged one costs a request, and is a version of its
own: Epoch revises lists one by one. A list that lost half its rows, or all systems of a year since 2018,
stops the fetch. The frontier list is a subset of these and names persons: it is not fetched.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from io import StringIO

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.parts import whole
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service

DATA = "https://epoch.ai/data"
LISTS = {  # bytes of 2026-08
    "all_ai_models": 6_800_000,
    "large_scale_ai_models": 1_100_000,
    "notable_ai_models": 2_200_000,
}
GROWTH = Bounds(0.8, 2.0)  # a year brought 1.3 to 1.7 times the rows
FIRST_YEAR = "2018"


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    today = datetime.fromtimestamp(session.clock.now(), UTC).date()
    if today not in span:  # the publisher has no other day's
        return
    for name in LISTS:
        yield whole(
            f"{name}/{today}/{name}.csv",
            f"{DATA}/{name}.csv",
            expected={"kind": "csv", "is_conditional": True},
            observed=today,
            version=f"{name} {today}",
            bounds=GROWTH,
            periods=_years,
        )


def _years(data: bytes) -> set[str]:
    """The years since 2018 in which a list has systems."""
    rows = csv.DictReader(StringIO(data.decode("utf-8-sig"), newline=""))
    years = {(row.get("Publication date") or "")[:4] for row in rows}
    return {year for year in years if year >= FIRST_YEAR}


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    return FetchCost(len(LISTS), sum(LISTS.values()))


SERVICE = Service(
    source="epoch_models",
    title="Epoch AI, Data on AI Models",
    hosts={"epoch.ai": 2.0},
    parts=_parts,
    estimate=_estimate,
    since=date(2024, 1, 1),
    cadence="0 6 3 * *",
    licence="CC BY 4.0",
    attribution='Epoch AI, "Data on AI Models", epoch.ai (CC BY 4.0)',
    homepage="https://epoch.ai/data",
)
