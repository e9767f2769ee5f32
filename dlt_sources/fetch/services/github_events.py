"""GitHub's public events: an hour a file since February 2011, of which a month at a time is fetched.

Two publishers: GH Archive, and since September 2026 OpenDigger's mirror, whose hours are fuller (way
``mirror``). Three terabytes are asked for by name and by span only. Beside the hours lie the list of tracked
repositories and a salt, both made here. Their sizes by era are those of one hour of the day (15:00 UTC, the
16th) as seen until August 2026; before September 2024 none was measured, and what is left of about three
terabytes is spread over those years.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.event_hours import HourStore, due_hours, hour_parts
from dlt_sources.fetch.service import DaySpan, FetchCost, Part, Service
from dlt_sources.fetch.services.repository_metadata import followed_repositories
from dlt_sources.fetch.tracked import GROWTH, TRACKED, known_ids, salt_part, tracked_names, write_tracked

MEGABYTE = 1_000_000
FETCHED_DAYS = 31  # where no day is said
SECONDS_PER_HOUR_FILE = 12.0  # of an hour of 2025 at 100 Mbit/s


def _eras(*seen: tuple[int, int, int, int]) -> tuple[tuple[datetime, int], ...]:
    """(year, month, day, megabytes an hour) by their beginnings."""
    return tuple((datetime(y, m, d, tzinfo=UTC), size * MEGABYTE) for y, m, d, size in seen)


GH_ARCHIVE = HourStore(
    "data.gharchive.org",
    _eras(
        (2011, 2, 12, 13),
        (2024, 9, 1, 150),
        (2025, 1, 1, 135),
        (2025, 5, 1, 129),
        (2025, 6, 1, 99),
        (2025, 9, 1, 98),
        (2025, 10, 1, 36),
        (2026, 3, 1, 23),
        (2026, 6, 1, 21),
        (2026, 8, 1, 20),
        (2026, 9, 1, 27),
    ),
)
MIRROR = HourStore("gharchive.open-digger.cn", _eras((2026, 9, 6, 334)))


def _beside_hours(session: ServiceSession, day: date) -> Iterator[Part]:
    """The list and the salt."""
    yield salt_part(session, day)
    place = session.ledger.taken / TRACKED

    def make(session: ServiceSession, target: Path) -> bool:
        ids = known_ids(place.read_text("utf-8")) if TRACKED in session.have else {}
        write_tracked(target, tracked_names(followed_repositories(), ids))
        return True

    yield Part(TRACKED, make, observed=day, is_final=False, is_alone=True, bounds=GROWTH)


def _parts_of(store: HourStore) -> Callable[[ServiceSession, DaySpan], Iterator[Part]]:
    def parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
        now = session.clock.now()
        yield from _beside_hours(session, datetime.fromtimestamp(now, UTC).date())
        yield from hour_parts(session, store, due_hours(store, span, now))

    return parts


def _estimate_of(store: HourStore) -> Callable[[DaySpan, Collection[str]], FetchCost]:
    def estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
        return store.expected(span, have)

    return estimate


def _service(store: HourStore, title: str, homepage: str) -> Service:
    return Service(
        source="github_events",
        title=title,
        hosts={store.host: 1.0},
        parts=_parts_of(store),
        estimate=_estimate_of(store),
        since=store.first.date(),
        cadence="0 9 2 * *",
        licence="public activity on GitHub, under GitHub's terms",
        attribution=f"{title} ({homepage})",
        homepage=homepage,
        seconds_per_answer=SECONDS_PER_HOUR_FILE,
        usual_days=FETCHED_DAYS,
        is_on_request=True,
    )


SERVICE = replace(
    _service(GH_ARCHIVE, "GH Archive", "https://www.gharchive.org"),
    ways={"mirror": _service(MIRROR, "OpenDigger's mirror of GH Archive", "https://open-digger.cn")},
)
