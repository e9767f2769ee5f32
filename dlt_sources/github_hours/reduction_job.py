"""What an engine is asked for, one month, and what it answers: the tables of that month.

A month is reduced from the hour files of its own days and of ``REACH`` before and after, as an event may be
filed some hours from its time. An event counts in the month of its own time; hours count in the month of
their name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import duckdb
import pyarrow as pa

from dlt_sources.github_hours.definition import REDUCED, Tracked

REACH = timedelta(hours=6)  # GitHub: an event shows in the feed after 30 s to 6 h


class EngineError(ValueError):
    """What keeps an engine from its answer, in one line that names the remedy."""


class Query(NamedTuple):
    """A question to a database: ``parameters`` are bound by name, ``{name:Type}`` in the text."""

    sql: str
    parameters: Mapping[str, str]


Ask = Callable[[Query], bytes]
"""Sends a query and gives the whole body of its answer, which a later error may end."""


@dataclass(frozen=True)
class Job:
    """One month to be reduced.

    ``repositories`` are (repository, its id at GitHub or None, a name as GitHub spells it). ``hours_url``
    is a folder of hour files at any address that fsspec reads; ``spark_master`` is as Spark spells it;
    ``ask`` sends queries.
    """

    month: date
    repositories: tuple[tuple[str, int | None, str], ...]
    salt: bytes = b""
    hours_url: str | None = None
    spark_master: str = "local[*]"
    ask: Ask | None = None

    @cached_property
    def tracked(self) -> Tracked:
        return Tracked.of(self.repositories)

    @property
    def begins(self) -> datetime:
        return datetime(self.month.year, self.month.month, 1, tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        return (self.begins + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True)
class MonthTables:
    """Tables by name, as ``definition.REDUCED`` says, and what a reader must know of them, a line each."""

    tables: Mapping[str, pa.Table]
    notes: tuple[str, ...] = ()


OF_MONTH = {
    "repository_hours": """
        select * exclude (first_hour) from repository_hours
        where week + to_hours(hour_of_week) >= $begins and week + to_hours(hour_of_week) < $ends
        order by all
    """,
    "actor_hours": """
        select * exclude (first_hour) from actor_hours
        where week + to_hours(hour_of_week) >= $begins and week + to_hours(hour_of_week) < $ends
        order by all
    """,
    "hours": """
        select hours.*, coalesce(duplicates, 0) as duplicates, $engine as engine
        from hours left join duplicates using (hour)
        where hour >= $begins and hour < $ends order by hour
    """,
    "hour_counts": """
        select counts.*, coalesce(tracked, 0) as tracked
        from counts left join tracked using (hour, event)
        where hour >= $begins and hour < $ends order by hour, event
    """,
    "out_of_reach": """
        select coalesce(sum(events), 0)::bigint as events from strays
        where
            hour >= $begins and hour < $ends
            and (month < $begins or hour < $ends - to_seconds($reach))
            and (month > $begins or hour >= $begins + to_seconds($reach))
    """,
}


def of_month(job: Job, engine: str, parts: Mapping[str, pa.Table]) -> MonthTables:
    """The tables of the job's month from what an engine found in its files and those of its neighbours'
    edges.

    ``parts`` are what ``reduction`` gives, and ``hours`` (``HOURS`` without duplicates and engine) and
    ``counts`` (hour, event, events) of each file.
    """
    given = {
        "begins": job.begins.replace(tzinfo=None),
        "ends": job.ends.replace(tzinfo=None),
        "reach": REACH.total_seconds(),
        "engine": engine,
    }
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'; set threads = 1; set enable_progress_bar = false")
        for name, part in parts.items():
            con.register(name, part)
        made = {
            name: con.execute(
                sql, {key: value for key, value in given.items() if f"${key}" in sql}
            ).to_arrow_table()
            for name, sql in OF_MONTH.items()
        }
    (lost,) = made.pop("out_of_reach")["events"].to_pylist()
    tables = {name: made[name].select(schema.names).cast(schema) for name, schema in REDUCED.items()}
    if not lost:
        return MonthTables(tables)
    hours = int(REACH.total_seconds() // 3600)
    note = (
        f"{lost:,} events of {job.month:%Y-%m}'s files are of another month and more than {hours} hours "
        "from its edge; they count in none"
    )
    return MonthTables(tables, (note,))


# a file as it is read: what it holds twice, and of whom, is known of the month only
HOURS_READ = pa.schema([f for f in REDUCED["hours"] if f.name not in {"duplicates", "engine"}])
COUNTS_READ = pa.schema([f for f in REDUCED["hour_counts"] if f.name != "tracked"])
