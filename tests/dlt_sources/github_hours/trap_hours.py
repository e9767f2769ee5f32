"""Hours of events that hold every trap at once, for engines that must read them to equal rows.

Drawn from a seed: forks, stars, pushes and what is not counted, of tracked repositories and others, as
2015's layout and the timeline's of 2012 to 2014 have them. Events lie in two files, hours late and over a
month's edge; a repository is renamed; another one takes its old name; lines are cut, no JSON, or no event.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from dlt_sources.github_hours.reduction_job import Job

MONTH = date(2024, 1, 1)
REPOSITORIES = (
    ("lab/model", 9001, "lab/model"),
    ("lab/tool", 9002, "lab/tool"),
    ("old/timeline", None, "old/timeline"),
)
SALT = bytes(range(16))
KINDS = (
    "ForkEvent",
    "WatchEvent",
    "WatchEvent",
    "PushEvent",
    "IssuesEvent",
    "PullRequestEvent",
    "CreateEvent",
)
BAD_LINES = (
    b'{"id":"1","type":"WatchEvent","actor":{"id"',
    b"\x00\x00\x00",
    b"[1,2]",
)
BARE_EVENT = b'{"type":"WatchEvent"}'  # of no repository: it counts as an event
BEFORE = datetime(2023, 12, 31, 18, tzinfo=UTC)
EDGE = datetime(2024, 1, 31, 18, tzinfo=UTC)


class Hour(NamedTuple):
    name: str
    lines: list[bytes]


def job(hours_url: str, **given: Any) -> Job:
    return Job(MONTH, REPOSITORIES, SALT, hours_url, **given)


def trap_hours(seed: int = 1, events: int = 60) -> Iterator[Hour]:
    """Hours at both edges of January 2024, and the neighbours' that are within reach."""
    rng = random.Random(seed)
    earlier: list[bytes] = []
    for hour in [begin + timedelta(hours=n) for begin in (BEFORE, EDGE) for n in range(14)]:
        lines = [_line(rng, hour, number) for number in range(events)]
        lines += rng.sample(earlier, min(8, len(earlier)))  # collected again, up to some hours late
        lines += [lines[0], rng.choice((*BAD_LINES, BARE_EVENT))]
        rng.shuffle(lines)
        earlier = [*earlier, *lines][-3 * events :]
        yield Hour(f"{hour:%Y-%m-%d}-{hour.hour}.json.gz", lines)


def write(folder: Path, hours: Iterator[Hour]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for hour in hours:
        (folder / hour.name).write_bytes(packed(hour))


def packed(hour: Hour) -> bytes:
    return gzip.compress(b"".join(line + b"\n" for line in hour.lines), 1, mtime=0)


def _line(rng: random.Random, hour: datetime, number: int) -> bytes:
    late = timedelta(minutes=rng.choice((0, 0, 0, 0, 50, 200)))
    created = hour + timedelta(seconds=rng.randrange(3600)) - late
    kind = rng.choice(KINDS)
    if rng.random() < 0.25:
        event = _of_the_timeline(rng, kind, created)
    else:
        event = _of_today(rng, kind, created, f"{hour:%m%d%H}{number:04d}")
    return json.dumps(event, separators=rng.choice(((",", ":"), (", ", ": ")))).encode()


def _of_today(rng: random.Random, kind: str, created: datetime, event_id: str) -> Mapping[str, Any]:
    actor = rng.randrange(20)
    repository = rng.choice(
        (
            (9001, "lab/model"),
            (9001, "lab/model-renamed"),
            (7777, "lab/model"),  # another one that took the name
            (9002, "Lab/Tool"),
            (5555, "somebody/else"),
        )
    )
    return {
        "id": event_id,
        "type": kind,
        "actor": {"id": actor, "login": "helper[bot]" if actor == 3 else f"login{actor}"},
        "repo": {"id": repository[0], "name": repository[1]},
        "payload": {"action": "started", "text": 'a "repo":{"id":9002} in words'},
        "public": True,
        "created_at": f"{created:%Y-%m-%dT%H:%M:%SZ}",
    }


def _of_the_timeline(rng: random.Random, kind: str, created: datetime) -> Mapping[str, Any]:
    actor = rng.randrange(20)
    pacific = created - timedelta(hours=8)
    places = ("Hangzhou, China", "Berlin", "", "Earth", None)
    return {
        "created_at": f"{pacific:%Y-%m-%dT%H:%M:%S-08:00}",
        "payload": {},
        "public": True,
        "type": kind,
        "url": "https://github.com/login/model",
        "actor": f"login{actor}",
        "actor_attributes": {
            "login": f"login{actor}",
            "type": "Organization" if actor == 5 else "User",
            "email": "someone@example.org",
            "location": rng.choice(places),
        },
        "repository": {"id": 1, "name": rng.choice(("timeline", "other")), "owner": "old"},
    }
