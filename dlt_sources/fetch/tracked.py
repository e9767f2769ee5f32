"""What a folder of public events has besides hours: which repositories are tracked, and its salt.

Tracked are the repositories of the registry (seeds ``repositories``, ``repository_names``) under every name
that they had, and those of the list whose histories are counted. ``repositories.csv`` keeps GitHub's numbers
that are known of them. The salt hides who an actor is; it is made once, and stays with the folder.
"""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.service import Bounds, Part

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
SALT, TRACKED = "salt.txt", "repositories.csv"
SALT_BYTES = 16
HEADER = ("repository", "github_id", "name")
GROWTH = Bounds(0.8, 1e3)


class TrackedName(NamedTuple):
    """A name that a tracked repository has or had, as GitHub spells it; ``github_id`` where it is known."""

    repository: str
    github_id: int | None
    name: str


def tracked_names(listed: Iterable[str], ids: Mapping[str, int] | None = None) -> list[TrackedName]:
    """Every name of the registry and of ``listed`` once, whatever its capitals, and the repository it is of.

    ``ids``: GitHub's numbers by repository.
    """
    ids = ids or {}
    registered = [
        (row["name"], row["repository_id"])
        for seed in ("repository_names", "repositories")
        for row in _seed(seed)
    ]
    known: dict[str, tuple[str, str]] = {}
    for name, repository in (*registered, *((name, name.lower()) for name in listed)):
        known.setdefault(name.lower(), (repository, name))
    return [TrackedName(repository, ids.get(repository), name) for repository, name in sorted(known.values())]


def _seed(name: str) -> Iterator[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read_tracked(path: Path) -> tuple[TrackedName, ...]:
    """The rows of a ``repositories.csv`` that a fetch wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            TrackedName(row["repository"], int(row["github_id"]) if row["github_id"] else None, row["name"])
            for row in csv.DictReader(file)
        )


def write_tracked(target: Path, names: Iterable[TrackedName]) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(HEADER)
        table.writerows(names)


def salt_part(session: ServiceSession, day: date) -> Iterator[Part]:
    """Made once, also by a fetch that asks for everything anew.

    Raises:
        FetchError: it is gone, and what was hidden with it is there.
    """
    hidden = sorted(path for path in session.have if path.startswith(("months/", "profiles")))
    if SALT not in session.have and hidden:
        raise FetchError(
            f"fetch: {session.service.source}: {SALT} is not listed, and {hidden[0]} was made with it; "
            "put it back, or fetch into another archive"
        )

    def make(_: ServiceSession, target: Path) -> bool:
        target.write_text(secrets.token_hex(SALT_BYTES) + "\n")
        return True

    if SALT not in session.have:
        yield Part(SALT, make, observed=day, note="secret of this archive", is_alone=True)
