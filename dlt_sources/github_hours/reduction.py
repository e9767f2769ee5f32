"""From the events of tracked repositories to the tables of hours, the same of every engine that hands them
over.

An event that lies in two files, or twice in one, counts in the first. Not here: where events come from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb
import pyarrow as pa

from dlt_sources.github_hours.definition import COUNTED, EVENTS

# in DuckDB's dialect, of what others have too: engines of another dialect translate it
ONCE = """
    with copies as (
        select *, row_number() over (partition by key order by hour, place) as copy from events
    )
    select copies.*, types.event as counted
    from copies left join types on types.type = copies.event
    where copy = 1 and strftime(created_at, '%Y-%m') not in ({apart})
"""
CELLS = """
    select
        repository, actor, is_bot, stated_country, hour, counted as event,
        date_trunc('week', created_at)::date as week,
        date_diff('hour', date_trunc('week', created_at), created_at) as hour_of_week
    from once where counted is not null
"""
QUERIES = {
    "repository_hours": """
        select
            repository, week, hour_of_week, event, is_bot,
            count(*) as events, count(distinct actor) as actors, min(hour) as first_hour
        from cells group by all order by all
    """,
    # of two places that an actor stated within one hour, neither
    "actor_hours": """
        select
            actor, repository, week, hour_of_week, event, is_bot, count(*) as events,
            case when count(distinct stated_country) = 1 then min(stated_country) end as stated_country,
            min(hour) as first_hour
        from cells where actor is not null
        group by actor, repository, week, hour_of_week, event, is_bot order by all
    """,
    "tracked": "select hour, event, count(*) as tracked from once group by all order by all",
    "duplicates": """
        select hour, count(*) - coalesce(max(kept), 0) as duplicates
        from events left join (select hour, count(*) as kept from once group by hour) using (hour)
        group by hour order by hour
    """,
    "strays": """
        select hour, date_trunc('month', created_at) as month, count(*) as events from once
        where date_trunc('month', created_at) <> date_trunc('month', hour) group by all order by all
    """,
}


def statements(apart: Collection[str] = ()) -> Mapping[str, str]:
    """What ``QUERIES`` select from, in order: ``once`` and ``cells``, made of ``events`` (``EVENTS`` with
    ``place``, their order in a file) and ``types`` (type, event)."""
    months = ", ".join(f"'{month}'" for month in sorted(apart)) or "''"
    return {"once": ONCE.format(apart=months), "cells": CELLS}


def reduced(events: pa.Table, apart: Collection[str] = ()) -> Mapping[str, pa.Table]:
    """Tables by name: ``repository_hours`` and ``actor_hours`` as in ``definition``, with ``first_hour``, the
    file in which a cell begins; of each file ``tracked`` (hour, event, tracked) and ``duplicates`` (hour,
    duplicates).

    ``events`` are ``EVENTS`` in the order of their files. ``apart`` are months (``2024-01``) whose events are
    counted elsewhere: those that leaked into files of another month are left out here, as duplicates. A cell
    is one hour of the calendar, so it lies in one month.
    """
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'; set threads = 1; set enable_progress_bar = false")
        place = pa.array(range(len(events)), pa.int64())
        con.register("events", events.select(EVENTS.names).append_column("place", place))
        con.register("types", pa.table({"type": list(COUNTED), "event": list(COUNTED.values())}))
        for name, statement in statements(apart).items():
            con.execute(f"create temp table {name} as {statement}")
        return {name: con.execute(query).to_arrow_table() for name, query in QUERIES.items()}
