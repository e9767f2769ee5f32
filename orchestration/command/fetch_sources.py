"""``chokepoint fetch``: sources from their services into a live archive, with a plan, a bar and a table."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from dlt_sources.fetch import NAMES, service_of
from dlt_sources.fetch.errors import FetchError, KeyAbsentError
from dlt_sources.fetch.fetching import Fetched, Terms, fetch
from dlt_sources.fetch.plan import plan
from dlt_sources.fetch.service import DaySpan, Elsewhere, Service
from dlt_sources.fetch.wire import Budget
from orchestration.command.terminal import table
from orchestration.errors import UserError, did_you_mean

MEGABYTE = 1e6
MOST_NAMES = 5


class Moment(NamedTuple):
    """A day, or an hour of it (UTC)."""

    day: date
    hour: int | None


def asked_moment(option: str, text: str | None) -> Moment | None:
    """What ``--since`` and ``--until`` are given.

    Raises:
        UserError: it is no day, month or hour.
    """
    if text is None:
        return None
    for form in ("%Y-%m-%d", "%Y-%m", "%Y-%m-%dT%H"):
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return Moment(found.date(), found.hour if "%H" in form else None)
    raise UserError(
        f"fetch: {option}: is {text!r}, expected a day (2024-01-31), a month or an hour (2024-01-31T07)"
    )


@dataclass(frozen=True)
class FetchOrder:
    """What the command line asks for. Without ``sources`` all that have a service and come along with others.

    ``via``: which of a source's services, where it has more than one.
    """

    sources: Sequence[str]
    archive: Path
    since: Moment | None
    until: Moment | None
    stand_in: str | None = None
    max_requests: int | None = None
    max_bytes: int | None = None
    is_accepting: bool = False
    via: str | None = None
    hours_url: str | None = None
    spark_master: str = "local[*]"

    @property
    def names(self) -> list[str]:
        for name in self.sources:
            if name not in NAMES:
                raise UserError(
                    f"fetch: {name}: has no service{did_you_mean(name, NAMES)}, expected some of "
                    f"{', '.join(NAMES)}; give one of these"
                )
        return list(dict.fromkeys(self.sources)) or [n for n in NAMES if not service_of(n).is_on_request]

    @property
    def last_day(self) -> date:
        return self.until.day if self.until else datetime.now(UTC).date()

    def service(self, name: str) -> Service:
        """The service that is asked for this source.

        Raises:
            UserError: the source has no service that is called as was said.
        """
        ways = service_of(name).ways
        if self.via is not None and self.via not in ways:
            known = f"expected one of {', '.join(ways)}" if ways else "it has one service only"
            raise UserError(
                f"fetch: {name}: --via: is {self.via!r}{did_you_mean(self.via, ways)}, {known}; correct it"
            )
        return service_of(name, self.via)

    def span(self, service: Service) -> DaySpan:
        since, until = self.since or Moment(service.since, None), self.until or Moment(self.last_day, None)
        return service.span(
            since.day if self.since else None,
            until.day,
            since.hour or 0,
            23 if until.hour is None else until.hour,
        )


def show_plan(asked: FetchOrder, console: Console, as_json: bool) -> None:
    """Print what a fetch would ask for; nothing is asked.

    Raises:
        UserError: a list of what to fetch cannot be read; one line.
    """
    try:
        plans = [
            plan(service, asked.archive, asked.span(service)) for service in map(asked.service, asked.names)
        ]
    except FetchError as error:
        raise UserError(str(error)) from None
    rows = [
        {
            "source": p.source,
            "since": p.span.since.isoformat(),
            "until": p.span.until.isoformat(),
            "requests": p.requests,
            "megabytes": round(p.bytes / MEGABYTE, 1),
            "minutes": round(p.minutes, 1),
            "key": p.key,
            "key_state": p.key and ("set" if not p.how_to_get_it else _absent(p.is_key_there)),
        }
        for p in plans
    ]
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
        return
    table(console, f"What a fetch until {asked.last_day} would ask for",
          ("source", "since", "requests", "MB", "minutes", "key"),
          [(p.source, p.span.since, p.requests, math.ceil(p.bytes / MEGABYTE), math.ceil(p.minutes),
            row["key_state"] or "–") for p, row in zip(plans, rows, strict=True)])  # fmt: skip
    wanted: dict[str, list[str]] = {}
    for one in plans:
        if one.how_to_get_it:
            wanted.setdefault(f"{one.key}: {one.how_to_get_it}", []).append(one.source)
    for line, sources in wanted.items():
        console.print(f"{line} ({', '.join(sources)})", highlight=False, soft_wrap=True)


def _absent(is_optional: bool) -> str:
    return "optional" if is_optional else "missing"


def fetch_sources(asked: FetchOrder, console: Console, as_json: bool = False) -> list[Fetched]:
    """Fetch one source after the other; what stops one stops no other.

    Raises:
        UserError: something that was asked for by name was not fetched whole; one line.
    """
    names = asked.names
    budget = Budget(asked.max_requests, asked.max_bytes)
    elsewhere = Elsewhere(asked.hours_url, asked.spark_master)
    terms = Terms.at(asked.stand_in, budget, is_accepting=asked.is_accepting, elsewhere=elsewhere)
    done: list[Fetched] = []
    with _Bar(console) as bar:
        for name in names:
            service = asked.service(name)
            try:
                done.append(fetch(service, asked.archive, asked.span(service), terms, bar))
            except KeyAbsentError as error:
                done.append(Fetched(name, problem=error))
    _show(done, console, as_json)
    problems = [
        outcome.problem
        for outcome in done
        if outcome.problem and (asked.sources or not isinstance(outcome.problem, KeyAbsentError))
    ]
    if problems:
        raise UserError(f"{problems[0]}" + (f" (and {len(problems) - 1} more)" if problems[1:] else ""))
    return done


def _show(done: Sequence[Fetched], console: Console, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "source": f.source,
            "new files": len(f.taken),
            "unchanged": f.unchanged,
            "absent": len(f.absent),
            "requests": f.requests,
            "megabytes": round(f.bytes / MEGABYTE, 1),
        }
        for f in done
    ]
    if as_json:
        told = [
            row | {"problem": f.problem and str(f.problem), "absent files": f.absent}
            for row, f in zip(rows, done, strict=True)
        ]
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
        return
    table(console, "Fetched", list(rows[0]), [list(row.values()) for row in rows])
    for outcome in done:
        if outcome.absent:
            more = f" and {len(outcome.absent) - MOST_NAMES} more" if outcome.absent[MOST_NAMES:] else ""
            names = ", ".join(outcome.absent[:MOST_NAMES]) + more
            console.print(
                f"{outcome.source}: the publisher has no {names}",
                highlight=False,
                soft_wrap=True,
                markup=False,
            )
        if outcome.problem:
            console.print(f"{outcome.problem}", highlight=False, soft_wrap=True, markup=False)


@dataclass
class _Bar:
    """A line a source on a terminal, nothing elsewhere."""

    console: Console
    tasks: dict[str, TaskID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )

    def __enter__(self) -> _Bar:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def planned(self, source: str, parts: int) -> None:
        self.tasks[source] = self.progress.add_task(source, total=parts)

    def finished(self, source: str, path: str) -> None:
        self.progress.update(self.tasks[source], advance=1, description=f"{source} {path}")

    def within(self, source: str, words: str) -> None:
        self.progress.update(self.tasks[source], description=f"{source} {words}")
