"""One hour file as GH Archive's are laid out, of the old kind or of 2026, of any number of events.

SIMULATED. ``old``: full payloads, 4 kB an event, as until autumn 2025; ``trimmed``: nine of ten are pushes of
0.6 kB. Nothing repeats but what repeats in true files: names, hashes and words are drawn for each event. 1
event of 200 is of a tracked repository. For the cost of one file;
``hour_templates`` makes many alike at once.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from isal import igzip

from dlt_sources.github_hours.definition import Tracked

KINDS = ("old", "trimmed")
HOUR = datetime(2025, 9, 16, 15, tzinfo=UTC)
TRACKED = Tracked.of([(f"lab/llm{n}", 800_000_000 + n, f"lab/llm{n}") for n in range(300)])
OFTEN = {
    "PushEvent": 60, "CreateEvent": 10, "PullRequestEvent": 8, "IssueCommentEvent": 8, "WatchEvent": 6,
    "DeleteEvent": 3, "IssuesEvent": 3, "ForkEvent": 2,
}  # fmt: skip
URLS = (
    "forks", "keys", "teams", "hooks", "events", "branches", "tags", "blobs", "trees", "languages", "commits",
    "subscribers", "contents", "compare", "merges", "archive", "downloads", "issues", "pulls", "labels",
)  # fmt: skip


def write_hour(path: Path, kind: str, events: int) -> int:
    """Write one file; gives the bytes that it holds unpacked."""
    size = 0
    with igzip.open(path, "wb", compresslevel=2) as file:
        for line in _lines(kind, events):
            size += len(line)
            file.write(line)
    return size


def _lines(kind: str, events: int) -> Iterator[bytes]:
    rng = random.Random(16)
    words = [f"{rng.getrandbits(40):x}" for _ in range(5_000)]
    text = " ".join(rng.choices(words, k=100_000))
    for number in range(events):
        push = kind == "trimmed" and number % 10
        what = "PushEvent" if push else rng.choices(list(OFTEN), list(OFTEN.values()))[0]
        content = _event(rng, words, number, what)
        name = content["repo"]["name"]
        content["payload"] = {
            "repository_id": content["repo"]["id"],
            "push_id": 29_018_914_160 + number,
            "ref": "refs/heads/main",
            "head": f"{rng.getrandbits(160):040x}",
            "before": f"{rng.getrandbits(160):040x}",
        }
        if kind == "old":
            at, length = rng.randrange(len(text) - 1_500), rng.randrange(200, 1_400)
            content["payload"]["repository"] = {
                f"{url}_url": f"https://api.github.com/repos/{name}/{url}{{/sha}}" for url in URLS
            }
            content["payload"]["body"] = text[at : at + length]
        content |= {"public": True, "created_at": f"2025-09-16T15:{number * 60 // events:02d}:00Z"}
        yield json.dumps(content, separators=(",", ":")).encode() + b"\n"


def _event(rng: random.Random, words: list[str], number: int, kind: str) -> dict[str, Any]:
    login = "-".join(rng.choices(words, k=rng.randint(1, 2)))
    shown = login + ("[bot]" if rng.random() < 0.1 else "")
    actor = rng.randrange(10_000, 250_000_000)
    if number % 1_000:
        repository, name = rng.randrange(1_000_000, 799_999_999), f"{login}/{rng.choice(words)}"
    else:
        repository = 800_000_000 + number // 1_000 % 300
        name = TRACKED.by_id[repository]
    return {
        "id": str(54_000_000_000 + number),
        "type": kind,
        "actor": {
            "id": actor,
            "login": shown,
            "display_login": login,
            "gravatar_id": "",
            "url": f"https://api.github.com/users/{shown}",
            "avatar_url": f"https://avatars.githubusercontent.com/u/{actor}?",
        },
        "repo": {"id": repository, "name": name, "url": f"https://api.github.com/repos/{name}"},
    }
