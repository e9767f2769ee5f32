"""Months of public events: an hour is fetched, read and thrown away, a month's four small tables are kept.

What was read of an hour waits in the ledger until its month is whole, so that a fetch that was stopped asks
for no hour twice. A month is whole a day after the last hour that may hold events of it; hours that are not
there by then are holes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dlt_sources.atomic import write_atomically
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError, RefusedError
from dlt_sources.fetch.event_hours import ABSENT, HOUR, YOUNG, Holes, HourStore, bring_hour
from dlt_sources.fetch.ledger import Progress
from dlt_sources.fetch.service import DaySpan, Part
from dlt_sources.fetch.tracked import SALT, TRACKED, read_tracked
from dlt_sources.github_hours.definition import EVENTS, REDUCED
from dlt_sources.github_hours.engines import month_files
from dlt_sources.github_hours.generations import dated_generation
from dlt_sources.github_hours.hour_files import HourFile, HourRead, hour_row
from dlt_sources.github_hours.reduction import reduced
from dlt_sources.github_hours.reduction_job import (
    COUNTS_READ,
    HOURS_READ,
    REACH,
    EngineError,
    Job,
    MonthTables,
    of_month,
)
from dlt_sources.github_hours.scan import NoHourError, Scanned, scan

MEGABYTE = 1e6
Reduce = Callable[[ServiceSession, Job, Path], MonthTables]
"""Makes a month's tables; the folder is for what it has until they are made."""


def month_paths(month: date) -> list[str]:
    return [f"months/{month:%Y-%m}/{name}.parquet" for name in REDUCED]


def whole_months(span: DaySpan, now: float) -> list[date]:
    """First days of the months of the span whose last event can have been collected by now."""
    latest = datetime.fromtimestamp(now, UTC) - YOUNG - REACH
    return [month.since for month in span.whole_months() if month.end <= latest]


def month_parts(
    session: ServiceSession, months: Iterable[date], engine: str, reduce: Reduce, **given: str | None
) -> Iterator[Part]:
    """Four parts a month, taken together.

    Raises:
        FetchError: hours of a month are kept in the archive, or its months were reduced for another list.
    """
    for month in months:
        paths = month_paths(month)
        kept = [path for path in session.have if path.startswith(f"hours/{month:%Y-%m}-")]
        if kept:
            raise FetchError(
                f"fetch: {session.service.source}: {min(kept)} is in the archive, and {paths[0]} would "
                f"count it again; leave {month:%Y-%m} out, or remove its hours"
            )
        work = MonthWork(month, engine, reduce)
        for path in paths:
            yield Part(
                path,
                work.make(path),
                observed=month,
                version=f"{month:%Y-%m}",
                is_alone=True,
                **given,  # type: ignore[arg-type]
            )


def refuse_reduced(session: ServiceSession, hours: Iterable[datetime]) -> None:
    """Before hours are kept of a month that is there as tables.

    Raises:
        FetchError: it would count twice.
    """
    for month in sorted({hour.date().replace(day=1) for hour in hours}):
        if (there := month_paths(month)[0]) in session.have:
            raise FetchError(
                f"fetch: {session.service.source}: {there} is in the archive, and its hours would count "
                f"again; leave {month:%Y-%m} out, or remove months/{month:%Y-%m}"
            )


@dataclass(frozen=True)
class MonthWork:
    """A month whose files are made at once, when the first of them is asked for."""

    month: date
    engine: str
    reduce: Reduce

    def make(self, path: str) -> Callable[[ServiceSession, Path], bool]:
        def make(session: ServiceSession, target: Path) -> bool:
            folder = session.ledger.progress(f"months/{self.month:%Y-%m}").folder
            made = folder / "made" / Path(path).name
            if not made.is_file():
                self._make_all(session, folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(made.read_bytes())
            return True

        return make

    def _make_all(self, session: ServiceSession, folder: Path) -> None:
        taken = session.ledger.taken
        repositories = read_tracked(taken / TRACKED)
        _refuse_other_list(session, repositories)
        salt = bytes.fromhex((taken / SALT).read_text("ascii").strip())
        try:
            made = self.reduce(session, Job(self.month, repositories, salt), folder)
        except EngineError as error:
            raise FetchError(f"fetch: {session.service.source}: {error}") from None
        for name, content in month_files(self.engine, made).items():
            write_atomically(folder / "made" / name, content)


def _refuse_other_list(session: ServiceSession, repositories: Iterable[tuple[str, int | None, str]]) -> None:
    """A repository that is listed from now on only would seem to have had no event before."""
    names = sorted(name.lower() for _, _, name in repositories)
    notes = Progress(session.ledger.folder)
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    known = notes.recall("reduced_for").get("names")
    is_first = not any(path.startswith("months/") for path in session.have)
    if known not in (None, digest) and not is_first:
        raise FetchError(
            f"fetch: {session.service.source}: {TRACKED} lists other names than those that the "
            "archive's months were reduced for; fetch into another archive, or remove months/"
        )
    notes.note("reduced_for", {"names": digest})


def reduce_hours(store: HourStore) -> Reduce:
    """Reads a month's hours of a store one after the other, and those of its neighbours' edges."""

    def reduce(session: ServiceSession, job: Job, folder: Path) -> MonthTables:
        read: list[HourKept] = []
        begins, ends = max(job.begins - REACH, store.first), job.ends + REACH
        hour, size = begins, session.budget.read
        while hour < ends:
            kept = HourKept(Progress(folder / f"{hour:%Y-%m-%dT%H}"), HourFile(hour, store.url(hour)))
            if kept.is_there or _read_hour(session, store, kept, job):
                read.append(kept)
            hour += HOUR
            if hour.hour == 0 or hour == ends:
                session.tell(
                    f"{job.month:%Y-%m}: {(hour - begins) // HOUR} of {(ends - begins) // HOUR} hours, "
                    f"{(session.budget.read - size) / MEGABYTE:,.0f} MB"
                )
        if not any(job.begins <= kept.file.hour for kept in read):
            raise FetchError(
                f"fetch: {session.service.source}: {store.host} has no hour of {job.month:%Y-%m}; "
                "leave that month out"
            )
        parts = dict(reduced(pa.concat_tables([EVENTS.empty_table(), *(kept.events for kept in read)])))
        parts["hours"] = pa.Table.from_pylist([kept.row for kept in read], HOURS_READ)
        parts["counts"] = pa.Table.from_pylist([row for kept in read for row in kept.counts], COUNTS_READ)
        return of_month(job, "scan", parts)

    return reduce


@dataclass(frozen=True)
class HourKept:
    """What is kept of an hour until its month is made: events of tracked repositories, and its counts."""

    progress: Progress
    file: HourFile

    @property
    def is_there(self) -> bool:
        return self.progress.has("counts")

    @property
    def events(self) -> pa.Table:
        return pq.read_table(self.progress.folder / "events.parquet").cast(EVENTS)

    @property
    def row(self) -> dict[str, object]:
        return {"hour": self.file.hour, **self.progress.recall("row")}

    @property
    def counts(self) -> list[dict[str, object]]:
        kinds = self.progress.recall("counts")
        return [{"hour": self.file.hour, "event": kind, "events": n} for kind, n in sorted(kinds.items())]

    def keep(self, read: HourRead) -> None:
        content = io.BytesIO()
        pq.write_table(read.scanned.events, content, compression="zstd")
        write_atomically(self.progress.folder / "events.parquet", content.getvalue())
        row = hour_row(self.file, read)
        self.progress.note("row", {name: value for name, value in row.items() if name != "hour"})
        self.progress.note("counts", read.scanned.kinds)  # the last one: then it is there


def _read_hour(session: ServiceSession, store: HourStore, kept: HourKept, job: Job) -> bool:
    """Fetch an hour, keep what counts of it, drop the file; False of a hole."""
    hour, target = kept.file.hour, kept.progress.download
    if hour in Holes(session, store):
        return False
    try:
        bring_hour(session, store, hour, target)
    except RefusedError as error:
        if error.status != ABSENT:
            raise
        return False
    try:
        with target.open("rb") as content:
            found = scan(content, hour, job.tracked, job.salt)
    except NoHourError:  # nor will it be another file tomorrow: an hour of which nothing can be read
        found = Scanned(dated_generation(hour), is_whole=False)
    kept.keep(HourRead(found, target.stat().st_size))
    target.unlink()
    return True
