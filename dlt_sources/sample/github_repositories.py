"""The repositories that both simulated GitHub sources show: real registered ones, and invented others.

Registered names, rename chains and owners' countries come from the seeds, so that the sample runs
through the same joins as real files. Their counts are simulated. Not here: wire formats.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from dlt_sources.sample.world import World

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
INVENTED = 240  # enough to fill the lists
GOLDEN_WEEK = -0.5  # log points, Chinese owners, periods in the first week of October
TOPICS = (
    ("toolkit", "Command line toolkit for backups, logs and small files"),
    ("vision", "Deep learning for object detection in PyTorch"),
    ("web", "A small web framework with typed routes"),
    ("chat", "Chat with a large language model from a terminal"),
    ("cache", "Distributed cache, no dependencies"),
    ("speech", "Speech recognition with neural networks"),
)


@dataclass(frozen=True)
class Repository:
    """``names``: (first day, owner/name), oldest first. ``kind``: language_model, machine_learning, other."""

    names: tuple[tuple[date, str], ...]
    country: str
    kind: str
    first_observed: date
    description: str

    def name_on(self, day: date) -> str:
        """The name of that day; before the first known day, the oldest name."""
        earlier = [name for first, name in self.names if first <= day]
        return earlier[-1] if earlier else self.names[0][1]


def _rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as content:
        return list(csv.DictReader(content))


@cache
def repositories() -> tuple[Repository, ...]:
    """Registered repositories by id, then the invented ones, whose owners nobody registered."""
    countries = {row["organisation_id"]: row["country"] for row in _rows("organisations")}
    logins = {
        row["name"].lower(): countries[row["organisation_id"]]
        for row in _rows("organisation_names")
        if row["service"] == "github"
    }
    names: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for row in _rows("repository_names"):
        if row["first_seen"]:
            names[row["repository_id"]].append((date.fromisoformat(row["first_seen"]), row["name"]))
    registered = [
        Repository(
            tuple(sorted(names[row["repository_id"]])) or ((date.min, row["name"]),),
            logins.get(row["owner_login"].lower(), "ZZ"),
            "language_model" if row["is_language_model"] == "true" else "machine_learning",
            date.fromisoformat(row["first_observed"]),
            "A large language model project"
            if row["is_language_model"] == "true"
            else "Deep learning, simulated",
        )
        for row in sorted(_rows("repositories"), key=lambda row: row["repository_id"])
    ]
    invented = [
        Repository(
            ((date.min, f"simulated-owner-{n:03}/{topic}-{n:03}"),),
            "ZZ",
            "other",
            date(2018, 1, 1),
            text,
        )
        for n in range(INVENTED)
        for topic, text in [TOPICS[n % len(TOPICS)]]
    ]
    return (*registered, *invented)


def spread(rows: Iterable[Repository]) -> list[Repository]:
    """The first repository of every country, then every second one, and so on: a sample needs donors."""
    seen: Counter[str] = Counter()
    turns: list[tuple[int, int, Repository]] = []
    for row in rows:
        turns.append((seen[row.country], len(turns), row))
        seen[row.country] += 1
    return [row for *_, row in sorted(turns, key=lambda turn: turn[:2])]


def github_id(world: World, row: Repository) -> int:
    """GitHub's number of a repository, the same in every source."""
    return int(world.rng(f"github_id/{row.names[0][1]}").integers(10**8, 10**9))


def attention(world: World, starts: Sequence[date], ends: Sequence[date]) -> np.ndarray:
    """Log attention, shape (repositories, periods), over each one's own level: the jump in demand that
    all countries share (three times as large for language models), and China's Golden Week."""
    everyone = repositories()
    jump = np.where([r.kind == "language_model" for r in everyone], 3.0, 1.0)
    chinese = np.array([r.country == "CN" for r in everyone])
    golden = [
        (end - timedelta(days=1)).month == 10 and start.day <= 7
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.outer(jump, world.demand(starts, ends)) + GOLDEN_WEEK * np.outer(chinese, golden)
