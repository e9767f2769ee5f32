"""The curated timeline of hardware policy and its confounders (``dlt_sources/events``).

One YAML entry an event, real in every origin, validated here: an entry that breaks a rule stops
the load with one line, because a curated file is mended, not partly read. ``verified`` says where
an entry's fields were checked; an empty list is own knowledge only and stays visible as such.
Not here: which events an estimate uses (``event_study/specs``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from dlt_sources.archive import ArchiveError, Snapshot, iter_read, local_snapshot
from dlt_sources.documents import DocumentError, strict_yaml
from dlt_sources.tables import POSITION, Rejects, Source, Table

EVENTS = Path(__file__).with_name("events")
YEARS, CONFOUNDERS = "2*.yml", "confounders.yml"
MAIN_SHOCKS = 4
FIRST_YEAR, LAST_YEAR = 2000, 2040
JOIN = " | "  # between the entries of a list kept as text; occurs in none of them


@cache
def announced_dates() -> Mapping[str, date]:
    """``{event_id: announced day}`` of every event on the timeline.

    Raises:
        ArchiveError: an entry breaks a rule.
    """
    return {event.id: event.dates.announced for _, _, event in _events(local_snapshot(EVENTS))}


def newest_year() -> int:
    """The last year that the timeline has a file of."""
    return max(int(year.stem) for year in EVENTS.glob(YEARS))


def _iso_day(value: object) -> date | None:
    if value is None:
        return None
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"is {value!r}, expected an ISO day such as 2022-10-07") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"is {day}, expected a year from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _required_day(value: object) -> date:
    day = _iso_day(value)
    if day is None:
        raise ValueError("missing, expected an ISO day")
    return day


Day = Annotated[date, BeforeValidator(_required_day)]
DayOrNone = Annotated[date | None, BeforeValidator(_iso_day)]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9_]+(-[a-z0-9_]+)*$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
# groups are parties here and nowhere else; EU is one of them
Party = Annotated[str, Field(pattern=r"^([A-Z]{2}|Middle East|global|multiple)$")]
Precision = Literal["day", "month", "approx"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EventDates(_Entry):
    """First public word; Federal Register or gazette; in force; last day to comply."""

    announced: Day
    published: DayOrNone
    effective: DayOrNone
    compliance_deadline: DayOrNone


class Event(_Entry):
    """One act of policy, or an industry's answer to one."""

    id: Slug
    title: Text
    actor_country: Party
    target_country: Party
    instrument: Literal[
        "rule",
        "proposed rule",
        "entity listing",
        "denial order",
        "licence letter",
        "licence deal",
        "statute",
        "bill",
        "executive order",
        "guidance",
        "rescission",
        "retaliation",
        "domestic support",
        "industry response",
        "tariff",
    ]
    scope: list[Text] = Field(min_length=1)
    dates: EventDates
    date_precision: Precision
    direction: Literal["tightening", "loosening", "support", "neutral"]
    citation: Text
    url: Annotated[str, Field(pattern=r"^https?://")] | None
    affected_products: list[Text]
    main_shock: bool
    summary: Text
    verified: list[Text]
    notes: Text | None


class Span(_Entry):
    """A closed span of days; no end means one day, or open-ended for breaks and supply shocks."""

    start: Day
    end: DayOrNone


class Confounder(_Entry):
    """Something else that moved the same series: demand, supply, calendar or measurement."""

    id: Slug
    title: Text
    kind: Literal["demand_shock", "supply_shock", "calendar", "measurement_break"]
    dates: Span
    date_precision: Precision
    occurrences: list[Span] | None
    affected_sources: list[Text]
    affected_countries: list[Country]
    citation: Text
    summary: Text
    verified: list[Text]
    notes: Text | None


Kept = tuple[str, int, Any]  # file, record number, entry


def _read(snapshot: Snapshot, glob: str, key: str, kind: type[_Entry]) -> list[Kept]:
    """Every entry of the matching files, validated.

    Raises:
        ArchiveError: no YAML, or an entry that breaks a rule: ``file: id: field: what; remedy``, with all of
            its fields that do.
    """
    kept: list[Kept] = []
    for file, data in iter_read(snapshot, glob):
        where = f"{snapshot.root.name}/{snapshot.source}/{file.path}"
        try:
            content = strict_yaml(data)
        except DocumentError as error:
            raise ArchiveError(f"{where}: {error}; correct the file") from None
        entries = content.get(key) if isinstance(content, Mapping) else None
        if not isinstance(entries, list):
            raise ArchiveError(f"{where}: {key}: missing, expected a list of entries; add it")
        for row, entry in enumerate(entries, 1):
            try:
                kept.append((file.path, row, kind.model_validate(entry)))
            except ValidationError as error:
                raise ArchiveError(f"{where}: {_problems(entry, row, error)}") from None
    _refuse_twice(snapshot, kept)
    return kept


def _problems(entry: object, row: int, error: ValidationError) -> str:
    """Everything that is wrong with an entry, fields with the same fault together."""
    name = entry.get("id") if isinstance(entry, Mapping) else None
    fields: dict[str, list[str]] = {}
    for problem in error.errors(include_url=False):
        field = ".".join(str(part) for part in problem["loc"]) or "entry"
        fields.setdefault(_what(problem), []).append(field)
    said = ". ".join(f"{', '.join(named)}: {what}" for what, named in fields.items())
    return f"{name or f'entry {row}'}: {said}; correct the entry"


def _what(problem: ErrorDetails) -> str:
    match problem["type"]:
        case "missing":
            return "missing"
        case "extra_forbidden":
            return "is no field of this kind of entry"
        case "value_error":
            return problem["msg"].removeprefix("Value error, ")
    return f"is {problem['input']!r}; {problem['msg'].lower()}"


def _refuse_twice(snapshot: Snapshot, kept: Sequence[Kept]) -> None:
    counts = Counter(entry.id for _, _, entry in kept)
    for file, _, entry in reversed(kept):
        if counts[entry.id] > 1:
            raise ArchiveError(
                f"{snapshot.root.name}/{snapshot.source}/{file}: {entry.id}: id: is used "
                f"{counts[entry.id]} times, expected once over all files; rename or remove one"
            )


@lru_cache(maxsize=1)  # two tables come from it
def _events(snapshot: Snapshot) -> list[Kept]:
    kept = _read(snapshot, YEARS, "events", Event)
    place = f"{snapshot.root.name}/{snapshot.source}"
    for file, _, event in kept:
        if not file.startswith(f"{event.dates.announced.year}."):
            raise ArchiveError(
                f"{place}/{file}: {event.id}: dates.announced: is {event.dates.announced}, expected a "
                "day of the file's year; move the entry or correct the day"
            )
    shocks = [event.id for _, _, event in kept if event.main_shock]
    if len(shocks) != MAIN_SHOCKS:
        raise ArchiveError(
            f"{place}: main_shock: is true for {len(shocks)} events ({', '.join(shocks) or 'none'}), "
            f"expected {MAIN_SHOCKS}; correct the entries"
        )
    return kept


def _event_rows(entries: Iterable[Kept]) -> Iterator[Mapping[str, object]]:
    for file, row, event in entries:
        fields = event.model_dump(exclude={"id", "scope", "dates", "affected_products", "verified"})
        yield (
            fields
            | dict(event.dates)
            | {
                "event_id": event.id,
                "affected_products": JOIN.join(event.affected_products) or None,
                "verified": JOIN.join(event.verified) or None,
                "_source_file": file,
                "_row": row,
            }
        )


def _scope_rows(entries: Iterable[Kept]) -> Iterator[Mapping[str, object]]:
    for file, row, event in entries:
        for scope in dict.fromkeys(event.scope):
            yield {"event_id": event.id, "scope": scope, "_source_file": file, "_row": row}


def _confounder_rows(entries: Iterable[Kept]) -> Iterator[Mapping[str, object]]:
    for file, row, entry in entries:
        fields = entry.model_dump(include={"title", "kind", "date_precision", "summary", "citation", "notes"})
        yield fields | {
            "confounder_id": entry.id,
            "start_date": entry.dates.start,
            "end_date": entry.dates.end,
            "verified": JOIN.join(entry.verified) or None,
            "_source_file": file,
            "_row": row,
        }


def _affects_rows(entries: Iterable[Kept]) -> Iterator[Mapping[str, object]]:
    for file, row, entry in entries:
        for what, values in (("source", entry.affected_sources), ("country", entry.affected_countries)):
            for value in dict.fromkeys(values):
                yield {
                    "confounder_id": entry.id,
                    "what": what,
                    "value": value,
                    "_source_file": file,
                    "_row": row,
                }


def _occurrence_rows(entries: Iterable[Kept]) -> Iterator[Mapping[str, object]]:
    for file, row, entry in entries:
        for span in entry.occurrences or ():
            yield {
                "confounder_id": entry.id,
                "start_date": span.start,
                "end_date": span.end or span.start,
                "_source_file": file,
                "_row": row,
            }


@lru_cache(maxsize=1)  # three tables come from it
def _confounders(snapshot: Snapshot) -> list[Kept]:
    return _read(snapshot, CONFOUNDERS, "confounders", Confounder)


def _table(
    name: str,
    glob: str,
    entries: Callable[[Snapshot], list[Kept]],
    rows: Callable[[Iterable[Kept]], Iterator[Mapping[str, object]]],
    required: Mapping[str, pa.DataType],
    optional: Mapping[str, pa.DataType],
    description: str,
) -> Table:
    columns = pa.schema(
        [pa.field(n, t, nullable=False) for n, t in required.items()]
        + [pa.field(n, t) for n, t in optional.items()]
    )

    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        yield pa.Table.from_pylist(list(rows(entries(snapshot))), schema=pa.schema([*columns, *POSITION]))

    return Table(name, columns, (glob,), read, description)


def _texts(*names: str) -> dict[str, pa.DataType]:
    return dict.fromkeys(names, pa.string())


def _days(*names: str) -> dict[str, pa.DataType]:
    return dict.fromkeys(names, pa.date32())


SOURCE = Source(
    name="policy_timeline",
    title="Timeline of hardware policy, and its confounders",
    tables=(
        _table(
            "events",
            YEARS,
            _events,
            _event_rows,
            _texts("event_id", "title", "actor_country", "target_country", "instrument", "direction")
            | _texts("date_precision", "citation", "summary")
            | {"main_shock": pa.bool_()}
            | _days("announced"),
            _days("published", "effective", "compliance_deadline")
            | _texts("url", "affected_products", "verified", "notes"),
            "policy events, one row each",
        ),
        _table(
            "event_scopes",
            YEARS,
            _events,
            _scope_rows,
            _texts("event_id", "scope"),
            {},
            "what an event is about, one row per event and scope",
        ),
        _table(
            "confounders",
            CONFOUNDERS,
            _confounders,
            _confounder_rows,
            _texts("confounder_id", "title", "kind", "date_precision", "summary", "citation")
            | _days("start_date"),
            _days("end_date") | _texts("verified", "notes"),
            "confounders, one row each",
        ),
        _table(
            "confounder_affects",
            CONFOUNDERS,
            _confounders,
            _affects_rows,
            _texts("confounder_id", "what", "value"),
            {},
            "sources and countries a confounder touches; a confounder without countries touches all",
        ),
        _table(
            "confounder_occurrences",
            CONFOUNDERS,
            _confounders,
            _occurrence_rows,
            _texts("confounder_id") | _days("start_date", "end_date"),
            {},
            "every dated span of a recurring confounder",
        ),
    ),
    cadence="0 5 1 * *",
    local=EVENTS,
)
