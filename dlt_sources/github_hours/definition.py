"""What is counted of GitHub's events, in one place for every engine that counts them.

The columns of the tables that hour files are reduced to, which events count, when two are one, in which hour
of which week an event falls, who is a bot, and what stands for an actor. Not here: how a line is read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pyarrow as pa

HOUR = pa.timestamp("us", "UTC")
REPOSITORY_HOURS = pa.schema(
    [
        pa.field("repository", pa.string(), nullable=False),
        pa.field("week", pa.date32(), nullable=False),
        pa.field("hour_of_week", pa.int64(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("is_bot", pa.bool_(), nullable=False),
        pa.field("events", pa.int64(), nullable=False),
        pa.field("actors", pa.int64()),
    ]
)
ACTOR_HOURS = pa.schema(
    [
        pa.field("actor", pa.string(), nullable=False),
        pa.field("repository", pa.string(), nullable=False),
        pa.field("week", pa.date32(), nullable=False),
        pa.field("hour_of_week", pa.int64(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("is_bot", pa.bool_(), nullable=False),
        pa.field("events", pa.int64(), nullable=False),
        pa.field("stated_country", pa.string()),
    ]
)
HOURS = pa.schema(
    [
        pa.field("hour", HOUR, nullable=False),
        pa.field("lines", pa.int64(), nullable=False),
        pa.field("bad_lines", pa.int64(), nullable=False),
        pa.field("duplicates", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("is_whole", pa.bool_(), nullable=False),
        pa.field("generation", pa.string()),
        pa.field("engine", pa.string(), nullable=False),
    ]
)
HOUR_COUNTS = pa.schema(
    [
        pa.field("hour", HOUR, nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("events", pa.int64(), nullable=False),
        pa.field("tracked", pa.int64(), nullable=False),
    ]
)
REDUCED = {
    "repository_hours": REPOSITORY_HOURS,
    "actor_hours": ACTOR_HOURS,
    "hours": HOURS,
    "hour_counts": HOUR_COUNTS,
}
# an event of a tracked repository, as an engine hands it to the reduction; ``event`` is GitHub's own name
EVENTS = pa.schema(
    [
        pa.field("hour", HOUR, nullable=False),  # of the file
        pa.field("key", pa.int64(), nullable=False),
        pa.field("created_at", HOUR, nullable=False),
        pa.field("repository", pa.string(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("actor", pa.string()),
        pa.field("is_bot", pa.bool_(), nullable=False),
        pa.field("stated_country", pa.string()),
    ]
)
# every action of a type counts: what an issue or a pull request was opened or closed with is not kept
COUNTED = {
    "ForkEvent": "fork",
    "WatchEvent": "star",
    "PushEvent": "push",
    "IssuesEvent": "issue",
    "PullRequestEvent": "pull_request",
}
TRIMMED = date(2025, 10, 7)  # payloads of this day on are short: generation g2
ENGINES = ("scan", "spark", "clickhouse")
BOT = "[bot]"
SALT_DIGITS = 32
HOUR_NAME = re.compile(r"(\d{4}-\d\d-\d\d)-(\d\d?)\.json\.gz")


def hour_of(path: str) -> datetime | None:
    """The hour that a file's name says, UTC; None of another name.

    >>> hour_of("hours/2024/2024-01-31-5.json.gz")
    datetime.datetime(2024, 1, 31, 5, 0, tzinfo=datetime.timezone.utc)
    """
    match = HOUR_NAME.fullmatch(path.rsplit("/", 1)[-1])
    try:
        return (
            datetime.strptime(f"{match[1]} {match[2]}", "%Y-%m-%d %H").replace(tzinfo=UTC) if match else None
        )
    except ValueError:
        return None


def is_bot(login: str | None, kind: str | None = None) -> bool:
    """An actor is a bot if its login ends in ``[bot]`` or the event itself says that it is no ``User``.

    ``kind`` is the type of actor that events of 2012 to 2014 state.
    """
    return (login is not None and login.lower().endswith(BOT)) or kind not in (None, "User")


def actor_hash(salt: bytes, actor_id: int | None, login: str | None) -> str | None:
    """16 hexadecimal digits that stand for an actor: of the id, of the login where there is none.

    None of an actor who has neither.
    """
    if actor_id is None and not login:
        return None
    named = f"id:{actor_id}" if actor_id is not None else f"login:{str(login).lower()}"
    return hashlib.blake2b(named.encode(), digest_size=8, key=salt).hexdigest()


def event_key(kind: str, event_id: str | None, created: datetime, content: bytes) -> int:
    """Equal of two events that are one: by type, id and time, as ids were restarted in 2025.

    ``content`` is the event in canonical JSON (keys sorted, no spaces), which stands for the id of an event
    that has none.
    """
    named = content if event_id is None else f"{kind}\n{event_id}\n{created.isoformat()}".encode()
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big", signed=True)


class WeekHour(NamedTuple):
    """``week`` is a Monday, ``hour_of_week`` 0 (its midnight) to 167, both UTC."""

    week: date
    hour_of_week: int


def cell(created: datetime) -> WeekHour:
    """Where an event counts: by its own time, never by the file that it lies in.

    >>> cell(datetime.fromisoformat("2013-01-01T00:00:45-08:00"))
    WeekHour(week=datetime.date(2012, 12, 31), hour_of_week=32)
    """
    moment = created.astimezone(UTC)
    weekday = moment.weekday()
    return WeekHour(moment.date() - timedelta(weekday), 24 * weekday + moment.hour)


@dataclass(frozen=True)
class Tracked:
    """The repositories whose events are kept, by id and by each known name (lower case)."""

    by_id: Mapping[int, str]
    by_name: Mapping[str, str]
    without_id: frozenset[str]

    @classmethod
    def of(cls, listed: Iterable[tuple[str, int | None, str]]) -> Tracked:
        """From rows of (repository, its id at GitHub or None, a name that it has or had).

        Raises:
            ValueError: one id or one name is of two repositories; the line says which.
        """
        by_id: dict[int, str] = {}
        by_name: dict[str, str] = {}
        for repository, github_id, name in listed:
            if by_name.setdefault(name.lower(), repository) != repository:
                raise ValueError(f"name: {name} is of {by_name[name.lower()]} and of {repository}")
            if github_id is not None and by_id.setdefault(github_id, repository) != repository:
                raise ValueError(f"github_id: {github_id} is of {by_id[github_id]} and of {repository}")
        return cls(by_id, by_name, frozenset(by_name.values()) - frozenset(by_id.values()))

    def repository(self, github_id: int | None, name: str | None) -> str | None:
        """The repository of an event: by id, whatever its name; by name where an id is missing on either
        side.

        An event whose id is another than that of the listed repository of its name is another repository's.
        """
        if github_id is not None and (found := self.by_id.get(github_id)):
            return found
        named = self.by_name.get(name.lower()) if name else None
        return named if github_id is None or named in self.without_id else None
