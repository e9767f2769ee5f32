"""Fetch one source: ask its service what there is, bring what is missing, check it, list it.

Killed at any byte, the next fetch goes on: answers and half downloads lie in the ledger, and what is listed
is whole. Two fetches of one source at once are refused, of two sources they wait for each other's hosts only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Protocol, TypeVar

from filelock import FileLock, Timeout

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import BudgetSpentError, FetchError, OutdatedError, PinError, RefusedError
from dlt_sources.fetch.ledger import Ledger, Progress
from dlt_sources.fetch.pace import Pace
from dlt_sources.fetch.pins import differences
from dlt_sources.fetch.service import DaySpan, Elsewhere, Part, Service
from dlt_sources.fetch.shelf import Entry, Shelf, sha256_of_file
from dlt_sources.fetch.wire import Budget, Secret

T = TypeVar("T")
ABSENT = 404
ACCEPTED = "taken although it differs from the version before: "


class Watch(Protocol):
    """Told how far a fetch is."""

    def planned(self, source: str, parts: int) -> None: ...

    def finished(self, source: str, path: str) -> None: ...

    def within(self, source: str, words: str) -> None:
        """How far a part is that takes long."""


class NoWatch:
    def planned(self, source: str, parts: int) -> None:
        pass

    def finished(self, source: str, path: str) -> None:
        pass

    def within(self, source: str, words: str) -> None:
        pass


@dataclass(frozen=True)
class Terms:
    """How a fetch is made: its turns, its budget, where hosts really are, and what a person accepts.

    ``is_anew``: what we have is asked for again, holes too.
    """

    pace: Pace = field(default_factory=Pace)
    budget: Budget = field(default_factory=Budget)
    stand_in: str | None = None
    is_accepting: bool = False
    is_anew: bool = False
    elsewhere: Elsewhere = field(default_factory=Elsewhere)

    @classmethod
    def at(
        cls,
        stand_in: str | None,
        budget: Budget | None = None,
        *,
        is_accepting: bool = False,
        is_anew: bool = False,
        elsewhere: Elsewhere | None = None,
    ) -> Terms:
        """Those of the services or, which may be asked at any rate, of a stand-in of one's own."""
        pace = Pace(factor=0.0 if stand_in else 1.0)
        return cls(pace, budget or Budget(), stand_in, is_accepting, is_anew, elsewhere or Elsewhere())


@dataclass
class Fetched:
    """What one fetch did. ``problem``: why it stopped before its end; what was taken before is listed."""

    source: str
    taken: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)  # optional parts that the publisher does not have
    unchanged: int = 0
    requests: int = 0
    bytes: int = 0
    problem: FetchError | None = None


def fetch(
    service: Service, archive: Path, span: DaySpan, terms: Terms, watch: Watch | None = None
) -> Fetched:
    """Bring the parts of the span that the archive does not have, or that may have changed.

    Raises:
        KeyAbsentError: the service needs a key, and there is none in the environment.
        ArchiveError: the archive is another origin's, or its manifest cannot be read.
    """
    watch = watch or NoWatch()
    secret = Secret.of(service)
    outcome = Fetched(service.source)
    asked, read = terms.budget.asked, terms.budget.read
    try:
        with _alone(archive, service) as ledger:
            session = ServiceSession(
                service, ledger, pace=terms.pace, budget=terms.budget, secret=secret, stand_in=terms.stand_in
            )
            _fetch(session, Shelf.of(archive, service), span, terms, watch, outcome)
            ledger.clear_finished()
    except BudgetSpentError as error:
        outcome.problem = BudgetSpentError(f"fetch: {service.source}: {error}; fetch again to go on")
    except FetchError as error:
        outcome.problem = error
    outcome.requests, outcome.bytes = terms.budget.asked - asked, terms.budget.read - read
    return outcome


@contextmanager
def _alone(archive: Path, service: Service) -> Iterator[Ledger]:
    ledger = Ledger.of(archive, service.source)
    ledger.folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(ledger.lock, timeout=0):
            yield ledger
    except Timeout:
        raise FetchError(
            f"fetch: {service.source}: is being fetched into {archive} already; wait for that one"
        ) from None


def _fetch(
    session: ServiceSession, shelf: Shelf, span: DaySpan, terms: Terms, watch: Watch, outcome: Fetched
) -> None:
    session.have = frozenset(shelf.entries)
    session.is_anew, session.elsewhere = terms.is_anew, terms.elsewhere
    session.tell = partial(watch.within, session.service.source)
    # a first fetch has nothing to be held against, nor has it when it goes on; others grow as parts are taken
    before = {} if session.ledger.is_first(bool(shelf.entries)) else shelf.entries
    listing = session.ledger.listing()
    listing.drop_if_old(session.clock.now())
    parts = _kept(session, listing, "", lambda: list(session.service.parts(session, span)))
    missing = [p for p in parts if terms.is_anew or not (p.is_final and p.path in session.have)]
    outcome.unchanged = len(parts) - len(missing)
    watch.planned(session.service.source, len(missing))
    for _, group in groupby(missing, key=lambda part: part.version or part.path):
        _take_version(session, shelf, before, list(group), terms, watch, outcome)


def _take_version(
    session: ServiceSession,
    shelf: Shelf,
    before: dict[str, Entry],
    parts: Iterable[Part],
    terms: Terms,
    watch: Watch,
    outcome: Fetched,
) -> None:
    """Make the parts of one version, hold them against the last one, and list them at once."""
    made: list[tuple[Part, Entry, Path]] = []
    for part in parts:
        try:
            entry = _made(session, shelf, part)
        except RefusedError as error:
            if not (part.is_optional and error.status == ABSENT):
                raise
            outcome.absent.append(part.path)
        else:
            if entry is None or shelf.is_there(entry):
                outcome.unchanged += 1
            else:
                made.append((part, entry, session.ledger.progress(part.path).target))
        watch.finished(session.service.source, part.path)
    if all(_is_last_again(before, part, entry) for part, entry, _ in made):
        outcome.unchanged += len(made)
        return
    if found := differences(shelf, before, made):
        if not terms.is_accepting:
            more = f" (and {len(found) - 1} more)" if found[1:] else ""
            raise PinError(
                f"fetch: {session.service.source}: {found[0]}{more}; look at it, then take it with "
                f"`chokepoint fetch {session.service.source} --accept`"
            )
        for _, entry, _ in made:
            entry["note"] = "; ".join(filter(None, [entry["note"], ACCEPTED + "; ".join(found)]))
    shelf.take((entry, place) for _, entry, place in made)
    for part, _, _ in made:
        progress = session.ledger.progress(part.path)
        begun = progress.recall("begun")
        if begun.get("validator") and not (part.is_final and part.is_alone):
            session.ledger.remember_validator(begun["url"], begun["validator"])
        progress.clear()
        outcome.taken.append(part.path)


def _made(session: ServiceSession, shelf: Shelf, part: Part) -> Entry | None:
    """What the manifest will say of the part, whose bytes are made; None where the publisher's are ours."""
    progress = session.ledger.progress(part.path)
    if (known := progress.recall("done")) and _lies_somewhere(known, progress, shelf):
        return known
    progress.drop_if_old(session.clock.now())
    if not _kept(session, progress, f"/{part.path}", lambda: part.make(session, progress.target)):
        return None
    entry: Entry = {
        "path": part.path,
        "sha256": sha256_of_file(progress.target),
        "bytes": progress.target.stat().st_size,
        "observed": part.observed.isoformat() if part.observed else None,
        "retrieved": datetime.fromtimestamp(session.clock.now(), UTC).date().isoformat(),
        "url": part.url,
        "note": part.note,
    }
    progress.note("done", entry)
    return entry


def _kept(session: ServiceSession, progress: Progress, path: str, make: Callable[[], T]) -> T:
    """What ``make`` gives, its answers kept; once more, without them, where the service knows them no more.

    Raises:
        FetchError: nor does it know them then.
    """

    def attempt() -> T:
        progress.folder.mkdir(parents=True, exist_ok=True)
        with session.keeping(progress):
            return make()

    try:
        return attempt()
    except OutdatedError:
        progress.clear()
    try:
        return attempt()
    except OutdatedError as error:
        line = f"fetch: {session.service.source}{path}: {error}; fetch again later"
    raise FetchError(line)


def _lies_somewhere(entry: Entry, progress: Progress, shelf: Shelf) -> bool:
    """A fetch that was killed between a part's last byte and the manifest left it here or there."""
    places = (progress.target, shelf.place(entry["path"]))
    return any(place.is_file() and sha256_of_file(place) == entry["sha256"] for place in places)


def _is_last_again(before: dict[str, Entry], part: Part, entry: Entry) -> bool:
    """A version under a new day's name with nothing but the bytes of the one before is none."""
    from dlt_sources.fetch.pins import last_entry

    if part.version is None or part.is_alone:
        return False
    last = last_entry(before, part.path)
    return last is not None and last["sha256"] == entry["sha256"]
