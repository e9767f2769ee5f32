"""A month from the public ClickHouse table of GitHub's events: a few aggregates instead of a terabyte of
files.

The table holds no ids. So events that were collected twice count twice, a repository is its names, an actor
is a login, and there are no ``actor_hours``; ``actors`` counts logins. Here: what is asked and how answers
are read. Not here: how a query travels (``Job.ask``).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from dlt_sources.github_hours.definition import BOT, COUNTED, REDUCED, cell
from dlt_sources.github_hours.reduction_job import EngineError, Job, MonthTables, Query

NAMES_PER_QUERY = 100  # names travel in the address: 3 kB
NAME = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
ERROR = re.compile(r"(?:__exception__\w*\s+)?(Code: \d+\. DB::Exception: [^\n]*)")
TAGGED = re.compile(r"__exception__(\w*)\r?\n([^\n]*)")
TAIL = 16_384  # bytes at the end of an answer in which an error stands
EVENTS = ", ".join(f"'{kind}'" for kind in COUNTED)
# the sort key of the table is event_type, repo_name, created_at: all three are bound
CHOSEN = f"""
    event_type IN ({EVENTS}) AND repo_name IN {{names:Array(String)}}
    AND created_at >= toDateTime({{since:UInt32}}) AND created_at < toDateTime({{until:UInt32}})
"""
CELLS = f"""
    SELECT
        repo_name, toString(event_type) AS kind,
        toUnixTimestamp(toStartOfHour(created_at, 'UTC')) AS hour,
        endsWith(lower(actor_login), '{BOT}') AS is_bot,
        count() AS events, uniqExact(lower(actor_login)) AS actors
    FROM github_events WHERE {CHOSEN} GROUP BY repo_name, kind, hour, is_bot
"""
COUNT = f"SELECT count() AS events FROM github_events WHERE {CHOSEN}"
# of all repositories, by the file that an event was read from
FILES = """
    SELECT
        toString(event_type) AS kind, toUnixTimestamp(toStartOfHour(file_time, 'UTC')) AS hour,
        count() AS events
    FROM github_events
    WHERE file_time >= toDateTime({since:UInt32}) AND file_time < toDateTime({until:UInt32})
    GROUP BY kind, hour
"""
TRACKED = """
    SELECT
        toString(event_type) AS kind, toUnixTimestamp(toStartOfHour(file_time, 'UTC')) AS hour,
        count() AS events
    FROM github_events
    WHERE repo_name IN {names:Array(String)}
        AND file_time >= toDateTime({since:UInt32}) AND file_time < toDateTime({until:UInt32})
    GROUP BY kind, hour
"""
DIFFERENCES = (
    "ClickHouse's table has no ids: events collected twice count twice, actors are logins, repositories "
    "names; no actor_hours"
)


def reduce(job: Job) -> MonthTables:
    """The month's tables, of which ``actor_hours`` is empty.

    Raises:
        EngineError: nothing that sends queries, a name that is none of GitHub's, an error in an answer, or
            events that do not add up to the independent count.
    """
    if job.ask is None:
        raise EngineError(
            "clickhouse: nobody to ask; chokepoint fetch github_events --via clickhouse sends its queries"
        )
    span = {"since": _seconds(job.begins), "until": _seconds(job.ends)}
    cells: dict[tuple[Any, ...], Counter[str]] = {}
    tracked: Counter[tuple[int, str]] = Counter()
    seen: set[str] = set()
    names = _names(job)
    asked = sorted(names)
    for at in range(0, len(asked), NAMES_PER_QUERY):
        chunk = asked[at : at + NAMES_PER_QUERY]
        given = span | {"names": "[" + ",".join(f"'{name}'" for name in chunk) + "]"}
        rows = list(_rows(job, CELLS, given))
        _refuse_incomplete(job, rows, given)
        for row in rows:
            seen.add(row["repo_name"])
            hour = cell(datetime.fromtimestamp(int(row["hour"]), UTC))
            key = (names[row["repo_name"]], *hour, COUNTED[row["kind"]], bool(int(row["is_bot"])))
            # two names of one repository: actors of both are added, as logins are not handed out
            cells.setdefault(key, Counter()).update(events=int(row["events"]), actors=int(row["actors"]))
        for row in _rows(job, TRACKED, given):
            tracked[int(row["hour"]), row["kind"]] += int(row["events"])
    of_files = {(int(row["hour"]), row["kind"]): int(row["events"]) for row in _rows(job, FILES, span)}
    unseen = sorted(set(names) - seen)
    notes = [DIFFERENCES]
    if unseen:
        notes.append(
            f"{len(unseen)} of {len(names)} names have no event in {job.month:%Y-%m} "
            f"(the table tells A from a): {', '.join(unseen[:3])}{' …' if len(unseen) > 3 else ''}"
        )
    return MonthTables(_tables(job, cells, of_files, tracked), tuple(notes))


def _names(job: Job) -> Mapping[str, str]:
    names = {}
    for repository, _, name in job.repositories:
        if not NAME.fullmatch(name):
            raise EngineError(f"repositories.csv: name: is {name!r}, expected owner/name; correct the row")
        names[name] = repository
    return names


def _seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def _rows(job: Job, sql: str, given: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    assert job.ask is not None
    return rows_of(job.ask(Query(f"{' '.join(sql.split())} FORMAT JSONCompactEachRowWithNames", given)))


def _refuse_incomplete(job: Job, rows: Sequence[Mapping[str, Any]], given: Mapping[str, str]) -> None:
    """Against answers that end early without a word: the same events, counted on their own."""
    found = sum(int(row["events"]) for row in rows)
    (counted,) = _rows(job, COUNT, given)
    if found != int(counted["events"]):
        raise EngineError(
            f"clickhouse: {job.month:%Y-%m}: the answer holds {found:,} events, count() says "
            f"{int(counted['events']):,}; ask again"
        )


def rows_of(body: bytes) -> Iterator[dict[str, Any]]:
    """Rows of an answer in JSONCompactEachRowWithNames, whose first line names the columns.

    Numbers of 64 bits may be quoted, as versions differ.

    Raises:
        EngineError: an error stands in the body (three forms since 2022), or its end is missing.
    """
    tail = body[-TAIL:].decode("utf-8", "replace")
    if found := TAGGED.search(tail) or ERROR.search(tail):
        raise EngineError(
            f"clickhouse: {found[found.lastindex or 0].strip()}; ask again, or for fewer months"
        )
    if not body.endswith(b"\n"):
        raise EngineError("clickhouse: the answer ends within a line; ask again")
    names: list[str] | None = None
    for number, line in enumerate(body.split(b"\n")[:-1], 1):
        try:
            values = json.loads(line)
        except ValueError:
            values = None
        if not isinstance(values, list) or (names is not None and len(values) != len(names)):
            raise EngineError(f"clickhouse: line {number} of the answer is no row; ask again")
        if names is not None:
            yield dict(zip(names, values, strict=True))
        else:
            names = [str(value) for value in values]
    if names is None:
        raise EngineError("clickhouse: the answer is empty; ask again")


def _tables(
    job: Job,
    cells: Mapping[tuple[Any, ...], Mapping[str, int]],
    of_files: Mapping[tuple[int, str], int],
    tracked: Mapping[tuple[int, str], int],
) -> Mapping[str, pa.Table]:
    columns = ("repository", "week", "hour_of_week", "event", "is_bot")
    lines: Counter[int] = Counter()
    for (hour, _), events in of_files.items():
        lines[hour] += events
    hours = [
        {
            "hour": moment,
            "lines": lines[seconds],
            "bad_lines": 0,
            "duplicates": 0,
            "bytes": 0,
            "is_whole": lines[seconds] > 0,
            "generation": None,
            "engine": "clickhouse",
        }
        for moment in _hours(job)
        for seconds in [int(moment.timestamp())]
    ]
    counts = [
        {
            "hour": datetime.fromtimestamp(hour, UTC),
            "event": kind,
            "events": events,
            "tracked": tracked.get((hour, kind), 0),
        }
        for (hour, kind), events in sorted(of_files.items())
    ]
    rows = [{**dict(zip(columns, key, strict=True)), **cells[key]} for key in sorted(cells)]
    found = {"repository_hours": rows, "actor_hours": [], "hours": hours, "hour_counts": counts}
    return {name: pa.Table.from_pylist(found[name], schema) for name, schema in REDUCED.items()}


def _hours(job: Job) -> Iterator[datetime]:
    moment = job.begins
    while moment < job.ends:
        yield moment
        moment += timedelta(hours=1)
