"""Releases: a consistent, dated set of marts, gate, results and pages, published by one rename.

A reader of ``current`` sees the old set or the new one. What may not be passed on stays out:
rows of sources that allow aggregates only, and persons' countries (contract, rules 3 and 8).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.datapackage import DESCRIPTOR, describe
from orchestration.gate import files as gate
from orchestration.home import stages
from orchestration.settings import Settings
from orchestration.warehouse import mart_keys, withheld

SUMS = "SHA256SUMS"
DRAFT = ".draft"
RELEASE = re.compile(r"\d{4}-\d\d-\d\d-\d+")


@dataclass(frozen=True)
class Release:
    """A release: its id, where it lies, and whether this run made it."""

    id: str
    path: Path
    is_new: bool
    files: int


def publish(settings: Settings, manifest: Mapping[str, Any], sources: list[dict[str, object]],
            today: date) -> Release:  # fmt: skip
    """Check the chain of hashes, write the set, and point ``current`` at it.

    Raises:
        GateError: a mart has no passing verdict for its present bytes.
        ChainError: results or site were made from other files than those that are there, or what may be
            published of a mart is not there.
    """
    home = settings.home_path
    gate.require(home, {path.stem: stages.sha256_of(path) for path in settings.marts.glob("*.parquet")})
    for stage in ("results", "site"):
        stages.require(settings, stage)
    settings.releases.mkdir(parents=True, exist_ok=True)
    draft = settings.releases / DRAFT
    if draft.exists():  # of a run that was killed
        shutil.rmtree(draft)
    keys = mart_keys(manifest)
    for mart in withheld(manifest):
        if not (settings.publishable / f"{mart}.parquet").is_file():
            raise stages.ChainError(
                f"publishable/{mart}.parquet: absent, the mart is not for all; make it again"
            )
    _copy(settings.marts, draft / "marts", None)
    _copy(settings.publishable, draft / "marts", None)  # replaces what may not be published whole
    for stage, wanted in (("gate", ("checks.parquet", "verdicts.json", "accepted.json")),
                          ("results", None), ("site", None)):  # fmt: skip
        _copy(home / stage, draft / stage, wanted)
    package = describe(draft, settings.origin, manifest, sources, keys)
    (draft / DESCRIPTOR).write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n")
    sums = "".join(f"{sha256}  {name}\n" for name, sha256 in _sums(draft))
    (draft / SUMS).write_text(sums)
    current = home / "current"
    newest = _newest(settings.releases)
    if newest is not None and _sums_in(newest) == sums:
        shutil.rmtree(draft)
        _point(current, newest)  # a run that was killed may have left it pointing at the one before
        return Release(newest.name, newest, False, sums.count("\n"))
    target = settings.releases / _next_id(settings.releases, today)
    _sync(draft)
    draft.rename(target)
    _point(current, target)
    return Release(target.name, target, True, sums.count("\n"))


def _copy(source: Path, target: Path, wanted: tuple[str, ...] | None) -> None:
    names = sorted(p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file())
    for name in names:
        if wanted is None or name in wanted:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target / name)


def _sync(draft: Path) -> None:
    """On disk before its name is: after a power cut, a release is whole or not there."""
    for path in [p for p in draft.rglob("*") if p.is_file()]:
        with path.open("rb+") as written:
            os.fsync(written.fileno())


def _sums(folder: Path) -> list[tuple[str, str]]:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != SUMS)
    return [(p.relative_to(folder).as_posix(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files]


def _sums_in(release: Path) -> str | None:
    sums = release / SUMS
    return sums.read_text(errors="replace") if sums.is_file() else None


def _newest(releases: Path) -> Path | None:
    """The release made last: by day, then by counter."""
    found = [p for p in releases.iterdir() if RELEASE.fullmatch(p.name)]
    return max(found, key=lambda p: (p.name[:10], int(p.name[11:])), default=None)


def _next_id(releases: Path, today: date) -> str:
    taken = {p.name for p in releases.iterdir()}
    counter = 1
    while f"{today.isoformat()}-{counter}" in taken:
        counter += 1
    return f"{today.isoformat()}-{counter}"


def _point(link: Path, target: Path) -> None:
    temporary = link.with_name(f".{link.name}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(os.path.relpath(target, link.parent))
    temporary.replace(link)
