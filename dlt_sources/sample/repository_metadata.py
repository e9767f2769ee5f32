"""Simulated answers about registered repositories, on two days.

Planted: one that is gone by the second day, one that has another name by then, one that was archived between
them, some without a licence or a language, one whose licence GitHub cannot tell.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Any

from dlt_sources.sample.github_repositories import Repository, github_id, repositories
from dlt_sources.sample.world import World, Written

DAYS = (date(2025, 12, 31), date(2026, 6, 28))
ASKED = 40
GONE, RENAMED, ARCHIVED = 7, 11, 13  # places in the list


def write(world: World) -> Mapping[str, Written]:
    chosen = list(islice((row for row in repositories() if row.kind != "other"), ASKED))
    files = {}
    for day in DAYS:
        rows = [_answer(world, place, row, day) for place, row in enumerate(chosen)]
        lines = (
            json.dumps(row, sort_keys=True) + "\n" for row in sorted(rows, key=lambda r: r["asked_name"])
        )
        data = gzip.compress("".join(lines).encode(), 6, mtime=0)
        files[f"{day}/repositories.jsonl.gz"] = Written(data, observed=day)
    return files


def _answer(world: World, place: int, row: Repository, day: date) -> dict[str, Any]:
    asked = row.names[-1][1]
    is_later = day == DAYS[-1]
    if is_later and place == GONE:
        return {"asked_name": asked, "is_there": False}
    rng = world.rng(f"repository_metadata/{asked}")
    owner, _, name = asked.partition("/")
    is_archived = is_later and place == ARCHIVED
    born = row.first_observed - timedelta(days=int(rng.integers(20, 400)))
    return {
        "asked_name": asked,
        "is_there": True,
        "github_id": github_id(world, row),
        "name": f"{owner}-simulated/{name}" if is_later and place == RENAMED else asked,
        "created_at": f"{born}T08:00:00Z",
        "archived_at": "2026-03-02T10:00:00Z" if is_archived else None,
        "is_archived": is_archived,
        "is_fork": False,
        "language": None if place % 9 == 4 else "Python",
        "licence": {0: "MIT", 1: None, 2: "NOASSERTION"}.get(place % 5, "Apache-2.0"),
        "owner_kind": "Organization",
    }
