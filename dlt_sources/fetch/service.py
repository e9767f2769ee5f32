"""What a connector is made of: a service, the span that is asked for, and the parts that come of it.

A connector is one file of ``services/``, which says where a publisher keeps which parts of a source and how a
part's bytes come to be. How they are asked for, waited for, checked, kept and listed is none of its business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dlt.sources.helpers.requests import Response

from dlt_sources.fetch.waits import LIMITED, Wait, retry_after

if TYPE_CHECKING:
    from dlt_sources.fetch.client import ServiceSession


class Elsewhere(NamedTuple):
    """Files that stay where they are, as the settings say: any address that fsspec reads; who reads them."""

    hours_url: str | None = None
    spark_master: str = "local[*]"


@dataclass(frozen=True)
class DaySpan:
    """The days that are asked for, both included, each whole (UTC).

    Of a publisher that has news by the hour: the first day from ``first_hour`` on, the last one up to
    ``last_hour``, included.
    """

    since: date
    until: date
    first_hour: int = 0
    last_hour: int = 23

    def __contains__(self, day: date) -> bool:
        return self.since <= day <= self.until

    @property
    def days(self) -> int:
        return max(0, (self.until - self.since).days + 1)

    def months(self) -> list[DaySpan]:
        """The calendar months that the span touches, each cut to it."""
        found = []
        first = self.since.replace(day=1)
        while first <= self.until:
            following = (first + timedelta(days=31)).replace(day=1)
            last = following - timedelta(days=1)
            month = DaySpan(max(first, self.since), min(last, self.until))
            if first <= self.since:
                month = replace(month, first_hour=self.first_hour)
            if last >= self.until:
                month = replace(month, last_hour=self.last_hour)
            found.append(month)
            first = following
        return found

    def whole_months(self) -> list[DaySpan]:
        """The calendar months of which every hour is in the span."""
        return [
            month
            for month in self.months()
            if month.since.day == 1
            and (month.until + timedelta(days=1)).day == 1
            and (month.first_hour, month.last_hour) == (0, 23)
        ]

    @property
    def first(self) -> datetime:
        return datetime.combine(self.since, time(self.first_hour), UTC)

    @property
    def end(self) -> datetime:
        """The second after it."""
        return datetime.combine(self.until, time(self.last_hour), UTC) + timedelta(hours=1)

    def hours(self) -> Iterator[datetime]:
        """The hours of the span by their first second, UTC."""
        hour = self.first
        while hour < self.end:
            yield hour
            hour += timedelta(hours=1)


@dataclass(frozen=True)
class ServiceKey:
    """A key from the environment. It is put on a request at the last moment, for the service's hosts alone.

    One of ``header`` (with ``prefix`` before the key) and ``parameter`` says where it goes.
    """

    env: str
    how: str  # to get one, as the end of a sentence
    header: str | None = None
    prefix: str = ""
    parameter: str | None = None
    is_needed: bool = True

    def value(self, environment: Mapping[str, str] | None = None) -> str:
        """The key, which is shown nowhere; empty where there is none, or blanks alone."""
        return (os.environ if environment is None else environment).get(self.env, "").strip()


class Bounds(NamedTuple):
    """What a version may have of the last one's bytes and rows."""

    low: float
    high: float


USUAL_BOUNDS = Bounds(0.5, 3.0)


class FetchCost(NamedTuple):
    """What a fetch will ask for, before anything is asked."""

    requests: int
    bytes: int


Make = Callable[["ServiceSession", Path], bool]
"""Writes a part's bytes to the path. False: the publisher's are those that we have."""


@dataclass(frozen=True)
class Part:
    """One file of the archive, and how its bytes come to be.

    ``path`` is one that the source reads. Parts of one ``version`` are taken together or not at all; each is
    compared with the last one of its ``series``. ``is_final``: once we have it, it is not asked for again.
    ``is_optional``: the publisher may not have it (a day without a file), which is counted, not an error.
    ``periods`` reads of its bytes which months or quarters it speaks for; none of the last one's may be gone.
    ``is_alone``: what came before it says nothing of it; it is held against its own last bytes only.
    """

    path: str
    make: Make
    url: str | None = None
    observed: date | None = None
    note: str | None = None
    version: str | None = None
    series: str = ""
    is_final: bool = True
    is_optional: bool = False
    is_alone: bool = False
    bounds: Bounds = USUAL_BOUNDS
    periods: Callable[[bytes], Collection[str]] | None = None


def never(_: Response) -> bool:
    return False


@dataclass(frozen=True)
class Service:
    """A publisher's service and the source that it feeds.

    ``hosts``: seconds between two requests by host; others are asked only where one of these redirects to
    them. ``waits`` are asked of a refusal, in order, ``pauses`` of every good answer. ``is_limit``: whether
    a 403 is one of the service's limits. ``check`` raises ``NotDataError`` for an answer that is none by
    this service's own rules. ``patience``: the longest wait that a fetch sits out, in seconds.
    ``usual_days``: how far back a fetch goes that says no day; else to where all begins. ``is_on_request``:
    too much to come along with the others. ``ways``: other services that feed the source, by name.
    """

    source: str
    title: str
    hosts: Mapping[str, float]
    parts: Callable[[ServiceSession, DaySpan], Iterable[Part]]
    estimate: Callable[[DaySpan, Collection[str]], FetchCost]  # of a span and the paths that we have
    since: date  # what there is begins here
    cadence: str  # cron line, UTC
    licence: str
    attribution: str
    homepage: str
    key: ServiceKey | None = None
    waits: tuple[Wait, ...] = (retry_after,)
    pauses: tuple[Wait, ...] = ()
    limited: tuple[int, ...] = LIMITED
    is_limit: Callable[[Response], bool] = never
    check: Callable[[Response], None] | None = None
    least_wait: float = 0.5
    seconds_per_answer: float = 0.5  # as seen; with the pace it gives the minutes of a plan
    patience: float = 900.0
    headers: Mapping[str, str] = field(default_factory=dict)
    usual_days: int | None = None
    is_on_request: bool = False
    ways: Mapping[str, Service] = field(default_factory=dict)

    @property
    def minutes_per_request(self) -> float:
        return max(*self.hosts.values(), self.seconds_per_answer) / 60

    def span(self, since: date | None, until: date, first_hour: int = 0, last_hour: int = 23) -> DaySpan:
        usual = self.since if self.usual_days is None else until - timedelta(days=self.usual_days)
        asked = since or usual
        first = first_hour if asked >= self.since else 0
        return DaySpan(max(asked, self.since), until, first, last_hour)
