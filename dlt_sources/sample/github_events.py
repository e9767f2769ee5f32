"""Simulated event stream: months that another engine has reduced, and real hour files of three layouts.

A week of 2021 is hour files as they are collected (g1), so are some hours of 2014 (g0b, with the location
of the day) and of 2026 (g2). What is wrong with them, and with the months, stands in ``planted.yml`` under
``traps``.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dlt_sources.github_hours.definition import COUNTED, REDUCED, SALT_DIGITS, actor_hash
from dlt_sources.sample.event_lines import hour_files
from dlt_sources.sample.event_world import FIRST, FIRST_ACTOR, KINDS, LAST, EventWorld, Stream
from dlt_sources.sample.world import World, Written, months

MONTHS_FIRST = date(2020, 1, 1)
# as hour files; the months around it are not there: their larger hours would say that these are too small
HOUR_WEEK = date(2021, 3, 8)
WITHOUT_MONTHS = (date(2021, 2, 1), date(2021, 3, 1), date(2021, 4, 1))
ENGINE = "spark"
PROFILES_READ, MOVED_READ = "2025-07-01", "2021-01-15"
ASKED = 0.9  # of people
AMBIGUOUS = ("Georgia", "Earth", "everywhere", "Cambridge")
# of all repositories of GitHub, an hour: simulated at a hundredth of the true size
USUAL = {"PushEvent": 900, "WatchEvent": 260, "ForkEvent": 90, "IssuesEvent": 110, "PullRequestEvent": 190,
         "IssueCommentEvent": 180}  # fmt: skip
TYPES = {kind: event for event, kind in COUNTED.items()}
CUT_HOUR = datetime(2023, 5, 10, 7)
# hours from, to (excluded), share kept of each type, or of those named
THIN: Sequence[tuple[datetime, datetime, float, tuple[str, ...]]] = (
    (datetime(2020, 8, 21, 9), datetime(2020, 8, 24), 0.0, ()),
    (datetime(2021, 10, 7), datetime(2021, 10, 22, 5), 0.8, ()),
    (datetime(2021, 10, 22, 5), datetime(2021, 11, 5, 5), 0.5, ()),
    (datetime(2023, 3, 14), datetime(2023, 3, 15), 0.0, ()),
    (CUT_HOUR, CUT_HOUR + timedelta(hours=1), 0.4, ()),
    (datetime(2024, 4, 10, 6), datetime(2024, 4, 10, 18), 0.0,
     ("WatchEvent", "ForkEvent", "IssuesEvent", "PullRequestEvent", "IssueCommentEvent")),
    (datetime(2024, 5, 15, 6), datetime(2024, 5, 15, 18), 0.25, ("ForkEvent",)),
    (datetime(2025, 5, 25), datetime(2025, 7, 1), 0.6, ("WatchEvent", "IssuesEvent", "PullRequestEvent")),
)  # fmt: skip


def write(world: World) -> Mapping[str, Written]:
    events = EventWorld(world)
    salt = hashlib.sha256(f"simulated {world.seed}".encode()).hexdigest()[:SALT_DIGITS]
    key = bytes.fromhex(salt)
    hashes = pa.array([actor_hash(key, FIRST_ACTOR + n, None) for n in range(events.actors)])
    stream = events.stream()
    texts = {
        "salt.txt": salt + "\n",
        "repositories.csv": _listed(events),
        "profiles.jsonl": "".join(_profiles(events, hashes)),
    }
    week = 60 * 24 * (HOUR_WEEK - FIRST).days
    of_week = stream.where(np.flatnonzero((stream.minute >= week) & (stream.minute < week + 60 * 24 * 7)))
    lines = hour_files(events, of_week, HOUR_WEEK)
    return {
        **{path: Written(text.encode()) for path, text in texts.items()},
        **dict(_month_files(events, stream, hashes)),
        **{path: Written(gzip.compress(data, 1, mtime=0)) for path, data in lines},
    }


def _listed(events: EventWorld) -> str:
    rows = ["repository,github_id,name"]
    for place, row in enumerate(events.repositories):
        names = dict.fromkeys(name for _, name in row.names)
        rows += [f"{row.names[0][1].lower()},{events.github_id(place)},{name}" for name in names]
    return "\n".join([*rows, ""])


def _profiles(events: EventWorld, hashes: pa.Array) -> Iterator[str]:
    """One line a person that was asked, and another of those who moved; the farm and the bots were not."""
    rng = events.world.rng("github_events/profiles")
    draws = rng.random((len(events.home), 4))
    for actor, (asked, states, which, moves) in enumerate(draws.tolist()):
        if asked > ASKED:
            continue
        of = events.truth["places"][events.places[events.home[actor]]]
        location = of["locations"][int(which * len(of["locations"]))] if states < of["stated"] else None
        if location and moves < 0.03:
            location = AMBIGUOUS[int(which * len(AMBIGUOUS))]
        if location and moves > 0.99:
            yield _line(hashes[actor].as_py(), "Zurich, Switzerland", MOVED_READ)
        yield _line(hashes[actor].as_py(), location, PROFILES_READ)


def _line(actor: str, location: str | None, observed: str) -> str:
    row = {"actor": actor, "location": location, "observed": observed}
    return json.dumps(row, ensure_ascii=False) + "\n"


def _kept() -> np.ndarray:
    """Share of events that the collector saw, shape (types, hours since ``FIRST``)."""
    kept = np.ones((len(USUAL), ((LAST - FIRST).days + 1) * 24))
    for begin, end, share, types in THIN:
        for place, kind in enumerate(USUAL):
            if not types or kind in types:
                kept[place, _hour(begin) : _hour(end)] = share
    return kept


def _hour(moment: datetime) -> int:
    return (moment - datetime.combine(FIRST, time())) // timedelta(hours=1)


def _month_files(events: EventWorld, stream: Stream, hashes: pa.Array) -> Iterator[tuple[str, Written]]:
    kept, types = _kept(), list(USUAL)
    of_kind = np.array([types.index(TYPES[kind]) for kind in KINDS])
    hour = stream.minute // 60
    seen = events.world.rng("github_events/kept").random(len(hour)) < kept[of_kind[stream.kind], hour]
    stream, hour = stream.where(np.flatnonzero(seen)), hour[seen]
    cells = _cells(events, stream, hashes)
    counts = _counts(events, kept)
    tracked = np.zeros_like(counts)
    np.add.at(tracked, (of_kind[stream.kind], hour), 1)
    for month in months(MONTHS_FIRST, LAST):
        if month in WITHOUT_MONTHS:
            continue
        first, end = _hour(datetime.combine(month, time())), _hour(datetime.combine(_next(month), time()))
        there = np.arange(first, min(end, kept.shape[1]))
        there = there[kept[:, there].any(axis=0)]
        tables = {name: _of_hours(table, first, end) for name, table in cells.items()}
        tables |= _hour_tables(there, counts, tracked, types)
        for name, table in tables.items():
            yield f"months/{month:%Y-%m}/{name}.parquet", Written(_parquet(table, name))


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _cells(events: EventWorld, stream: Stream, hashes: pa.Array) -> dict[str, pa.Table]:
    """Events counted by cell, in order of time; ``hour`` since ``FIRST``."""
    names = pa.array([row.names[0][1].lower() for row in events.repositories])
    each = pa.table({
        "hour": stream.minute // 60,
        "repository": stream.repository,
        "event": stream.kind,
        "is_bot": events.is_bot(stream.actor),
        "actor": stream.actor,
    })  # fmt: skip
    keys = ["hour", "repository", "event", "is_bot"]
    tables = {
        "repository_hours": each.group_by(keys).aggregate([([], "count_all"), ("actor", "count_distinct")]),
        "actor_hours": each.group_by([*keys, "actor"]).aggregate([([], "count_all")]),
    }
    made = {}
    for name, table in tables.items():
        table = table.sort_by([(key, "ascending") for key in [*keys, "actor"] if key in table.column_names])
        hour = table["hour"].to_numpy()
        days = np.datetime64(FIRST, "D") + 7 * (hour // 168)
        columns = {
            "hour": hour, "week": days, "hour_of_week": hour % 168, "is_bot": table["is_bot"],
            "repository": names.take(table["repository"].combine_chunks()),
            "event": pa.array(KINDS).take(table["event"].combine_chunks()), "events": table["count_all"],
        }  # fmt: skip
        if name == "actor_hours":
            columns["actor"] = hashes.take(table["actor"].combine_chunks())
            columns["stated_country"] = pa.nulls(len(table), pa.string())
        else:
            columns["actors"] = table["actor_count_distinct"]
        made[name] = pa.table(columns)
    return made


def _of_hours(table: pa.Table, first: int, end: int) -> pa.Table:
    start, stop = np.searchsorted(table["hour"].to_numpy(), [first, end])
    return table.slice(start, stop - start)


def _counts(events: EventWorld, kept: np.ndarray) -> np.ndarray:
    """Events of each type and hour, of all repositories: fewest at 03:00 UTC, fewer on weekends."""
    hours = np.arange(kept.shape[1])
    day = 1 + 0.25 * np.sin(2 * np.pi * (hours % 24 - 9) / 24) - 0.3 * (hours // 24 % 7 >= 5)
    rng = events.world.rng("github_events/counts")
    return np.asarray(rng.poisson(np.array(list(USUAL.values()))[:, None] * day * kept))


def _hour_tables(
    there: np.ndarray, counts: np.ndarray, tracked: np.ndarray, types: list[str]
) -> dict[str, pa.Table]:
    moments = np.datetime64(FIRST, "us") + there.astype("timedelta64[h]")
    lines = counts[:, there].sum(axis=0)
    hours = {
        "hour": pa.array(moments).cast(REDUCED["hours"].field("hour").type),
        "lines": lines,
        "bad_lines": np.zeros_like(lines),
        "duplicates": np.zeros_like(lines),
        "bytes": 620 * lines,
        "is_whole": there != _hour(CUT_HOUR),
        "generation": ["g1"] * len(there),
        "engine": [ENGINE] * len(there),
    }
    by_type = {
        "hour": pa.array(np.repeat(moments, len(types))).cast(REDUCED["hour_counts"].field("hour").type),
        "event": np.tile(types, len(there)),
        "events": counts[:, there].T.ravel(),
        "tracked": tracked[:, there].T.ravel(),
    }
    return {"hours": pa.table(hours), "hour_counts": pa.table(by_type)}


def _parquet(table: pa.Table, name: str) -> bytes:
    content = io.BytesIO()
    schema = REDUCED[name].with_metadata({"engine": ENGINE})
    pq.write_table(table.select(schema.names).cast(schema), content, compression="zstd")
    return content.getvalue()
