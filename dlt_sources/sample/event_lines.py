"""Hour files of simulated events, one document a line, in three of GitHub's layouts and with their faults.

Not here: who does what (``event_world``), months that were reduced elsewhere (``github_events``).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from dlt_sources.sample.event_world import FIRST, KINDS, EventWorld, Stream

Line = Mapping[str, Any]

TYPES = {"fork": "ForkEvent", "star": "WatchEvent", "push": "PushEvent", "issue": "IssuesEvent",
         "pull_request": "PullRequestEvent"}  # fmt: skip
OTHERS = (
    "PushEvent",
    "PushEvent",
    "PushEvent",
    "CreateEvent",
    "IssueCommentEvent",
    "WatchEvent",
    "ForkEvent",
)
SPILL = 57  # events of an hour's last minutes stand in the next hour's file
RENAMED, RENAMED_FROM = 0, date(2021, 3, 11)  # place of the repository that shows a name no list has
LATE = timedelta(hours=3)
MISSING = datetime(2021, 3, 10, 13)
TIMELINE = datetime(2014, 6, 16, 20)  # four hours of g0b
TRIMMED = datetime(2026, 2, 2)  # six hours of g2
TIMELINE_REPOSITORY = "ageitgey/face_recognition"


def hour_files(events: EventWorld, stream: Stream, monday: date) -> Iterator[tuple[str, bytes]]:
    """Path and content of each hour file: of the week from ``monday`` on, and of hours of other years."""
    filed = _filed(events, stream)
    start = datetime.combine(monday, time())
    for hour in (start + timedelta(hours=n) for n in range(7 * 24)):
        if hour == MISSING:
            continue
        lines = [*filed.pop(hour, ()), *(_foreign(hour, n) for n in range(len(OTHERS)))]
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        if hour == start + timedelta(hours=33):  # two events in one line, the first cut off
            text += text[:90] + text.splitlines()[0] + "\n"
        yield _path(hour), text.encode()
    for hour in (TIMELINE + timedelta(hours=n) for n in range(4)):
        yield _path(hour), _text(_timeline(hour, n) for n in range(6))
    for hour in (TRIMMED + timedelta(hours=n) for n in range(6)):
        yield _path(hour), _text(_trimmed(events, hour, n) for n in range(8))


def _path(hour: datetime) -> str:
    return f"hours/{hour:%Y-%m-%d}-{hour.hour}.json.gz"


def _text(lines: Iterator[Line]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def _filed(events: EventWorld, stream: Stream) -> dict[datetime, list[Line]]:
    """Lines by the hour of the file that they stand in."""
    filed: dict[datetime, list[Line]] = defaultdict(list)
    for number, (minute, repository, kind, actor) in enumerate(
        zip(*(column.tolist() for column in vars(stream).values()), strict=True)
    ):
        moment = datetime.combine(FIRST, time()) + timedelta(minutes=minute, seconds=number % 60)
        line = _line(events, moment, repository, KINDS[kind], actor, 15_000_000_000 + number)
        hour = moment.replace(minute=0, second=0) + timedelta(hours=moment.minute >= SPILL)
        filed[hour + LATE if number == 100 else hour].append(line)
        if number % 40 == 7:
            filed[hour + timedelta(hours=1)].append(line)
    # of the hour before the week, filed in its first
    first = min(filed).replace(hour=0)
    filed[first].append(_line(events, first - timedelta(minutes=1), 1, "star", 5, 14_999_999_999))
    # another repository under the name of a tracked one
    stranger = _line(events, first + timedelta(minutes=5), 2, "fork", 9, 14_999_999_998)
    filed[first].append({**stranger, "repo": {**stranger["repo"], "id": 999_999_999}})
    return filed


def _line(
    events: EventWorld, moment: datetime, repository: int, kind: str, actor: int, number: int
) -> dict[str, Any]:
    row = events.repositories[repository]
    name = row.name_on(moment.date())
    if repository == RENAMED and moment.date() >= RENAMED_FROM:
        name = "renamed-simulated/" + name.partition("/")[2]
    return _event(
        TYPES[kind], number, moment, events.actor(actor), {"id": events.github_id(repository), "name": name}
    )


def _event(kind: str, number: int, moment: datetime, actor: Line, repo: Line) -> dict[str, Any]:
    """g1: what our reader needs of it, and some of what it must pass over."""
    login, forked = actor["login"], repo["name"].partition("/")[2]
    payload: dict[str, Any] = {"action": "started"}
    if kind == "ForkEvent":
        payload = {
            "forkee": {"id": number % 10**9, "name": forked, "full_name": f"{login}/{forked}", "fork": True}
        }
    elif kind == "PushEvent":
        author = {"email": f"{number:040x}@example.org", "name": "Somebody"}
        payload = {
            "size": 1,
            "ref": "refs/heads/main",
            "commits": [{"author": author, "message": '"type":"ForkEvent"'}],
        }
    return {
        "id": str(number),
        "type": kind,
        "actor": {**actor, "display_login": login.removesuffix("[bot]"), "gravatar_id": ""},
        "repo": {**repo, "url": f"https://api.github.com/repos/{repo['name']}"},
        "payload": payload,
        "public": True,
        "created_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
    }


def _foreign(hour: datetime, n: int) -> Line:
    """Events of repositories that nobody tracks."""
    number = 16_000_000_000 + int(hour.timestamp()) // 36 + n
    actor = {"id": 90_000_000 + n, "login": f"stranger-{n}"}
    repo = {"id": 500_000_000 + n, "name": f"stranger-{n}/backups"}
    return _event(OTHERS[n], number, hour + timedelta(minutes=7 * n), actor, repo)


def _timeline(hour: datetime, n: int) -> Line:
    """g0b: no id, Pacific time, the actor's attributes as of the day."""
    owner, _, name = TIMELINE_REPOSITORY.partition("/")
    kind = ("WatchEvent", "ForkEvent")[n % 2]
    pacific = hour - timedelta(hours=7) + timedelta(minutes=5 * n)
    location = ("Berlin, Germany", "", "Beijing, China", "Georgia", "Boston, MA", "Tokyo")[n]
    return {
        "created_at": f"{pacific:%Y-%m-%dT%H:%M:%S}-07:00",
        "payload": {} if kind == "ForkEvent" else {"action": "started"},
        "public": True,
        "type": kind,
        "url": f"https://github.com/early-{hour.hour}-{n}/{name}",
        "actor": f"early-{hour.hour}-{n}",
        "actor_attributes": {"login": f"early-{hour.hour}-{n}", "type": "User", "location": location,
                             "email": "somebody@example.org"},
        "repository": {"name": name, "owner": owner, "url": f"https://github.com/{TIMELINE_REPOSITORY}"},
    }  # fmt: skip


def _trimmed(events: EventWorld, hour: datetime, n: int) -> Line:
    """g2: almost all are pushes, and their payloads are short."""
    moment = hour + timedelta(minutes=6 * n)
    number = 10_000_000_000 + int(hour.timestamp()) // 36 + n
    line = _line(events, moment, n, "fork" if n == 3 else "push", 11 * n, number)
    if line["type"] == "PushEvent":
        line["payload"] = {"repository_id": line["repo"]["id"], "push_id": number, "ref": "refs/heads/main",
                           "head": "0" * 40, "before": "1" * 40}  # fmt: skip
    return line
