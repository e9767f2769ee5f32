"""Hour files of any number, quickly: a template of one hour's events whose day and hour are written in.

SIMULATED. Types in the shares of 2025, lines as long as those of the trimmed layout (0.7 kB), every event
its own id, 1 of 200 of a tracked repository. Not the sample's writer, which plants effects and is slower.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from isal import igzip

from dlt_sources.github_hours.reduction_job import Job

MONTH = date(2024, 1, 1)
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
EVENTS_PER_HOUR = 250_000
SHARES = {
    "PushEvent": 0.55,
    "CreateEvent": 0.13,
    "PullRequestEvent": 0.1,
    "IssueCommentEvent": 0.07,
    "WatchEvent": 0.08,
    "ForkEvent": 0.03,
    "IssuesEvent": 0.04,
}
TRACKED = tuple((f"lab{n}/model", 9_000_000 + n, f"lab{n}/model") for n in range(100))
TRACKED_SHARE = 0.005
PAYLOAD = 330  # characters of a payload, which make a line of 0.7 kB
IDS, DAY, CLOCK = b"@IDSIDS@", b"@DAYDAYDA@", b"@HR@"


def write_hours(folder: Path, hours: int, events: int = EVENTS_PER_HOUR) -> int:
    """Files of the first hours of January 2024, of ``events`` each; gives the bytes they hold unpacked."""
    folder.mkdir(parents=True, exist_ok=True)
    template = b"".join(_lines(events))
    unpacked = 0
    for number in range(hours):
        moment = BEGIN + timedelta(hours=number)
        content = (
            template.replace(IDS, b"%08d" % number)
            .replace(DAY, f"{moment:%Y-%m-%d}".encode())
            .replace(CLOCK, f"{moment:%H}".encode())
        )
        unpacked += len(content)
        with igzip.open(folder / f"{moment:%Y-%m-%d}-{moment.hour}.json.gz", "wb", compresslevel=1) as file:
            file.write(content)
    return unpacked


def job(folder: Path, **given: str) -> Job:
    """What the engines are asked: the month of those hours."""
    return Job(MONTH, TRACKED, bytes(16), str(folder), **given)


def _lines(events: int) -> Iterator[bytes]:
    rng = random.Random(16)
    words = [f"{rng.getrandbits(64):x}" for _ in range(4096)]
    for number, kind in enumerate(rng.choices(list(SHARES), list(SHARES.values()), k=events)):
        if rng.random() < TRACKED_SHARE:
            _, repository_id, name = rng.choice(TRACKED)
        else:
            repository_id, name = rng.randrange(800_000_000), f"{rng.choice(words)}/{rng.choice(words)}"
        actor = rng.randrange(5_000_000)
        text = "/".join(rng.choices(words, k=PAYLOAD // 17))
        event = {
            "id": f"{IDS.decode()}{number:07d}",
            "type": kind,
            "actor": {
                "id": actor,
                "login": f"login{actor}",
                "url": f"https://api.github.com/users/login{actor}",
            },
            "repo": {"id": repository_id, "name": name, "url": f"https://api.github.com/repos/{name}"},
            "payload": {"ref": "refs/heads/main", "head": text},
            "public": True,
            "created_at": f"{DAY.decode()}T{CLOCK.decode()}:{number * 60 // events:02d}:00Z",
        }
        yield json.dumps(event, separators=(",", ":")).encode() + b"\n"
