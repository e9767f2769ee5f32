"""What a connector is made of: a service, the span that is asked for, and the parts that come of it.

A connector is one file of ``services/``, which says where a publisher keeps which parts of a source and how a
part's bytes come to be. How they are asked for, waited for, checked, kept and listed is none of its business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dlt.sources.helpers.requests import Response

from dlt_sources.fetch.waits import LIMITED, Wait, retry_after

if TYPE_CHECKING:
    from dlt_sources.fetch.client import ServiceSession


@dataclass(frozen=True)
class DaySpan:
    """The days that are asked for, both included."""

    since: date
    until: date

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
            found.append(DaySpan(max(first, self.since), min(following - timedelta(days=1), self.until)))
            first = following
        return found

    def whole_months(self) -> list[DaySpan]:
        """The calendar months of which every day is in the span."""
        return [m for m in self.months() if m.since.day == 1 and (m.until + timedelta(days=1)).day == 1]


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

    @property
    def minutes_per_request(self) -> float:
        return max(*self.hosts.values(), self.seconds_per_answer) / 60

    def span(self, since: date | None, until: date) -> DaySpan:
        return DaySpan(max(since or self.since, self.since), until)
