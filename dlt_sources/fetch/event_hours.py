"""Hour files of public events: who keeps them, how large they are, and which there will never be.

A file holds what a crawler saw in an hour, named by the hour without a leading zero. It is there minutes
after the hour's end, or late, or never: the last hour is waited for, one of the day before is left to the
next fetch, an old one is a hole, which is remembered. Files were put there anew by hand after reports, so
the last weeks are asked about again. Some files are empty or cut at the publisher; they are taken as they
are, and counted by who reads them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import RefusedError
from dlt_sources.fetch.ledger import Progress
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part
from dlt_sources.github_hours.definition import hour_of

HOUR = timedelta(hours=1)
DUE = timedelta(minutes=10)  # after its end an hour's file may be asked for
LATE = timedelta(hours=1)  # as long it is waited for
YOUNG = timedelta(hours=24)  # as long it may still come
SETTLED = timedelta(days=45)  # from then on a file is not asked about again
TRIES, BETWEEN = 3, 120.0  # of an hour that is late, seconds
ABSENT = 404
ITSELF = Bounds(0.9, 3.0)  # what a file that was put there anew may have of the one that we have


@dataclass(frozen=True)
class HourStore:
    """A publisher of hour files. ``eras``: from which hour on its files have how many bytes, about."""

    host: str
    eras: tuple[tuple[datetime, int], ...]

    @property
    def first(self) -> datetime:
        return self.eras[0][0]

    def url(self, hour: datetime) -> str:
        return f"https://{self.host}/{file_name(hour)}"

    def expected(self, span: DaySpan, have: Collection[str]) -> FetchCost:
        """Hours of the span that are not among the paths that we have, and their bytes by era."""
        begin, end = span.first, span.end
        found = [hour_of(path) for path in have if path.startswith("hours/")]
        there = [hour for hour in found if hour is not None and begin <= hour < end]
        hours = size = 0
        for (first, bytes_each), following in zip(self.eras, [*self.eras[1:], None], strict=True):
            until = min(end, following[0]) if following else end
            in_era = (until - max(begin, first)) // HOUR - sum(first <= hour < until for hour in there)
            hours += max(0, in_era)
            size += max(0, in_era) * bytes_each
        return FetchCost(hours, size)


def file_name(hour: datetime) -> str:
    return f"{hour:%Y-%m-%d}-{hour.hour}.json.gz"


def hour_path(hour: datetime) -> str:
    """Where the hour's file lies in the source's folder."""
    return f"hours/{file_name(hour)}"


def due_hours(store: HourStore, span: DaySpan, now: float) -> list[datetime]:
    """The hours of the span that the publisher may have by now, the oldest first."""
    latest = datetime.fromtimestamp(now, UTC) - DUE - HOUR
    return [hour for hour in span.hours() if store.first <= hour <= latest]


def hour_parts(session: ServiceSession, store: HourStore, hours: Iterable[datetime]) -> Iterator[Part]:
    """A part an hour, but for those that are known to be holes."""
    now = datetime.fromtimestamp(session.clock.now(), UTC)
    holes = Holes(session, store)
    for hour in hours:
        if hour in holes:
            continue
        path = hour_path(hour)

        def make(session: ServiceSession, target: Path, hour: datetime = hour) -> bool:
            is_known = hour_path(hour) in session.have
            return bring_hour(session, store, hour, target, is_conditional=is_known)

        yield Part(
            path,
            make,
            url=store.url(hour),
            observed=hour.date(),
            is_final=now - hour > SETTLED,
            is_optional=True,
            is_alone=True,
            bounds=ITSELF,
        )


def bring_hour(
    session: ServiceSession, store: HourStore, hour: datetime, target: Path, *, is_conditional: bool = False
) -> bool:
    """The hour's file to ``target``; False where ours is still the publisher's.

    Raises:
        RefusedError: status 404: it is not there yet, or never will be.
    """
    for left in reversed(range(TRIES)):
        try:
            return session.download(store.url(hour), target, is_conditional=is_conditional, is_as_it_is=True)
        except RefusedError as error:
            if error.status != ABSENT:
                raise
            age = datetime.fromtimestamp(session.clock.now(), UTC) - hour - HOUR
            if age >= YOUNG:
                Holes(session, store).add(hour)
            if age >= LATE or not left:
                raise
            session.clock.sleep(BETWEEN)
    raise AssertionError("the last try ends in one way or the other")


@dataclass(frozen=True)
class Holes:
    """Hours that a store does not have although they are old, as the ledger remembers them."""

    session: ServiceSession
    store: HourStore

    @property
    def _notes(self) -> Progress:
        return Progress(self.session.ledger.folder / "holes" / self.store.host)

    def __contains__(self, hour: datetime) -> bool:
        return not self.session.is_anew and self._notes.has(f"{hour:%Y-%m-%dT%H}")

    def add(self, hour: datetime) -> None:
        self._notes.note(f"{hour:%Y-%m-%dT%H}", {})
