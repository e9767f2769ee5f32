"""GitHub's public events: an hour a file since February 2011, of which months are made here.

An hour is fetched, read and thrown away, and of a month the four tables are kept that other engines make
too; way ``hours`` keeps the files. Two publishers: GH Archive, and since September 2026 OpenDigger's mirror,
whose hours are fuller (``mirror``, ``mirror_hours``). Way ``clickhouse`` asks a public table for the same
months, a terabyte cheaper and without ids. All are asked for by name only. Beside the hours lie the list of
tracked repositories and a salt, both made here. Sizes by era are those of one hour of the day (15:00 UTC, the
16th) as seen until September 2026; before September 2024 none was measured, and what is left of about three
terabytes is spread over those years.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.event_hours import HOUR, YOUNG, HourStore, due_hours, hour_parts
from dlt_sources.fetch.event_months import (
    month_parts,
    month_paths,
    reduce_hours,
    refuse_reduced,
    whole_months,
)
from dlt_sources.fetch.event_questions import (
    SECONDS_PER_QUESTION,
    TABLE_HOST,
    TABLE_URL,
    newest_hour,
    questions,
    reduce_by_questions,
    refuse_exceptions,
)
from dlt_sources.fetch.service import DaySpan, FetchCost, Part, Service
from dlt_sources.fetch.services.repository_metadata import followed_repositories
from dlt_sources.fetch.tracked import GROWTH, TRACKED, read_tracked, salt_part, tracked_names, write_tracked
from dlt_sources.github_hours.engines import reduce_month
from dlt_sources.github_hours.reduction_job import REACH, Job, MonthTables

MEGABYTE = 1_000_000
FETCHED_DAYS, MONTHS_DAYS = 31, 62  # where no day is said; the latter hold a whole month
SECONDS_PER_HOUR_FILE = 12.0  # of an hour of 2025 at 100 Mbit/s
PUBLISHERS = {
    "data.gharchive.org": ("GH Archive", "https://www.gharchive.org"),
    "gharchive.open-digger.cn": ("OpenDigger's mirror of GH Archive", "https://open-digger.cn"),
}
Parts = Callable[[ServiceSession, DaySpan], Iterator[Part]]
Estimate = Callable[[DaySpan, Collection[str]], FetchCost]


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
    yield from salt_part(session, day)
    place = session.ledger.taken / TRACKED

    def make(session: ServiceSession, target: Path) -> bool:
        rows = read_tracked(place) if TRACKED in session.have else ()
        ids = {row.repository: row.github_id for row in rows if row.github_id is not None}
        write_tracked(target, tracked_names(followed_repositories(), ids))
        return True

    yield Part(TRACKED, make, observed=day, is_final=False, is_alone=True, bounds=GROWTH)


def kept_hours(store: HourStore) -> Service:
    """The store's hour files as they are."""

    def parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
        now = session.clock.now()
        hours = due_hours(store, span, now)
        refuse_reduced(session, hours)
        yield from _beside_hours(session, datetime.fromtimestamp(now, UTC).date())
        yield from hour_parts(session, store, hours)

    return _service(store, parts, store.expected)


def reduced_months(store: HourStore) -> Service:
    """Months made of the store's hours, none of which is kept."""

    def parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
        now = session.clock.now()
        months = whole_months(span, now)
        yield from _beside_hours(session, datetime.fromtimestamp(now, UTC).date())
        yield from month_parts(session, months, "scan", reduce_hours(store), url=f"https://{store.host}")

    def estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
        missing = [
            m for m in span.whole_months() if m.end > store.first and month_paths(m.since)[0] not in have
        ]
        costs = [store.expected(month, ()) for month in missing]
        edges = len(missing) * 2 * (REACH // HOUR)
        return FetchCost(sum(cost.requests for cost in costs) + edges, sum(cost.bytes for cost in costs))

    return replace(_service(store, parts, estimate), usual_days=MONTHS_DAYS)


def _clickhouse() -> Service:
    def parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
        now = session.clock.now()
        newest = newest_hour(session)
        months = whole_months(span, min(now, newest.timestamp() + YOUNG.total_seconds()))
        yield from _beside_hours(session, datetime.fromtimestamp(now, UTC).date())
        note = f"the table reached to {newest:%Y-%m-%dT%H}"
        yield from month_parts(session, months, "clickhouse", reduce_by_questions, url=TABLE_URL, note=note)

    def estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
        missing = sum(month_paths(month.since)[0] not in have for month in span.whole_months())
        return questions(missing, len(tracked_names(followed_repositories())))

    return replace(
        _service(GH_ARCHIVE, parts, estimate),
        title="ClickHouse's public table of GitHub's events",
        hosts={TABLE_HOST: 2.0},
        check=refuse_exceptions,
        attribution="GH Archive, as ClickHouse's playground holds it",
        homepage="https://clickhouse.com/docs/getting-started/playground",
        seconds_per_answer=SECONDS_PER_QUESTION,
        usual_days=MONTHS_DAYS,
    )


def _elsewhere(engine: str) -> Service:
    """Months that an engine makes of hour files at an address of one's own; no publisher is asked."""

    def reduce(session: ServiceSession, job: Job, _: Path) -> MonthTables:
        hours_url, spark_master = session.elsewhere
        return reduce_month(engine, replace(job, hours_url=hours_url, spark_master=spark_master))

    def parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
        now = session.clock.now()
        months = whole_months(span, now)
        yield from _beside_hours(session, datetime.fromtimestamp(now, UTC).date())
        yield from month_parts(session, months, engine, reduce, note="of hour files elsewhere")

    def estimate(*_: object) -> FetchCost:
        return FetchCost(0, 0)

    return replace(_service(GH_ARCHIVE, parts, estimate), usual_days=MONTHS_DAYS)


def _service(store: HourStore, parts: Parts, estimate: Estimate) -> Service:
    title, homepage = PUBLISHERS[store.host]
    return Service(
        source="github_events",
        title=title,
        hosts={store.host: 1.0},
        parts=parts,
        estimate=estimate,
        since=store.first.date().replace(day=1),
        cadence="0 9 4 * *",
        licence="public activity on GitHub, under GitHub's terms",
        attribution=f"{title} ({homepage})",
        homepage=homepage,
        seconds_per_answer=SECONDS_PER_HOUR_FILE,
        usual_days=FETCHED_DAYS,
        is_on_request=True,
    )


SERVICE = replace(
    reduced_months(GH_ARCHIVE),
    ways={
        "hours": kept_hours(GH_ARCHIVE),
        "mirror": reduced_months(MIRROR),
        "mirror_hours": kept_hours(MIRROR),
        "clickhouse": _clickhouse(),
        "scan": _elsewhere("scan"),
        "spark": _elsewhere("spark"),
    },
)
