"""GH Archive as far as it is asked: hour files by their unpadded name, and a store's own words for a hole."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.servers.stand_in import Answer, Asked, StandIn, file_answer

NO_SUCH_KEY = (
    b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchKey</Code>"
    b"<Message>The specified key does not exist.</Message></Error>"
)


def star(
    number: int, at: datetime, repository: str = "acme/x", actor: int = 7, **more: Any
) -> dict[str, Any]:
    """A star as the Events API tells it."""
    return {
        "id": str(number),
        "type": "WatchEvent",
        "actor": {"id": actor, "login": f"user-{actor}", "url": f"https://api.github.com/users/user-{actor}"},
        "repo": {"id": 9001, "name": repository, "url": f"https://api.github.com/repos/{repository}"},
        "payload": {"action": "started"},
        "public": True,
        "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        **more,
    }


def fork(number: int, at: datetime, repository: str = "acme/x", actor: int = 7) -> dict[str, Any]:
    name = repository.partition("/")[2]
    forkee = {"id": 10_000 + number, "full_name": f"user-{actor}/{name}", "owner": {"id": actor}}
    return star(number, at, repository, actor, type="ForkEvent", payload={"forkee": forkee})


def hour_file(events: Iterable[dict[str, Any]]) -> bytes:
    lines = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    return gzip.compress(lines, 1, mtime=0)


@dataclass
class EventStore:
    """``files`` by name (``2026-11-18-7.json.gz``); the others are not there."""

    files: dict[str, bytes] = field(default_factory=dict)
    host: str = "data.gharchive.org"

    def serve(self, server: StandIn) -> None:
        server.on(self.host, self)

    def put(self, hour: datetime, content: bytes) -> None:
        self.files[f"{hour:%Y-%m-%d}-{hour.hour}.json.gz"] = content

    def fill(self, first: datetime, hours: int) -> None:
        """A star in the middle of each hour."""
        for n in range(hours):
            hour = first + timedelta(hours=n)
            self.put(hour, hour_file([star(1_000 + n, hour + timedelta(minutes=30))]))

    def __call__(self, asked: Asked) -> Answer:
        body = self.files.get(asked.path.removeprefix("/"))
        if body is None:
            return Answer(NO_SUCH_KEY, 404, {"Content-Type": "application/xml; charset=UTF-8"})
        return file_answer(body, "application/gzip")
