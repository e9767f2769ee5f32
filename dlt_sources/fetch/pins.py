"""A new version is compared with the last before it is taken.

Publishers cut files short, drop rows, rename files and lose months, and the bytes look well.
What the last version had and the new one lacks stops a fetch; a person who looked takes it with ``--accept``,
and the manifest says so. Nothing is compared where nothing of the source was there before.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from dlt_sources.fetch.service import Bounds, Part
from dlt_sources.fetch.shelf import Entry, Shelf

_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
LINES = (".csv", ".jsonl", ".tsv", ".txt")


def shape_of(path: str) -> str:
    """The path without its dates: what all versions of one file have in common."""
    return _DATE.sub("*", path)


def dates_of(path: str) -> tuple[str, ...]:
    return tuple(_DATE.findall(path))


def differences(
    shelf: Shelf, before: Mapping[str, Entry], made: Sequence[tuple[Part, Entry, Path]]
) -> list[str]:
    """What makes this version another thing than the last one; empty where it can be taken.

    ``before`` are the entries that are listed, or none in a first fetch.
    """
    if not before:
        return []
    found = _gone(before, [p.path for p, _, _ in made if p.version is not None and not p.is_alone])
    for part, entry, finished in made:
        last = before.get(part.path) if part.is_alone else last_entry(before, part.path)
        if last is not None:
            found += _compared(part, entry, finished, last, shelf.place(last["path"]))
    return found


def last_entry(before: Mapping[str, Entry], path: str) -> Entry | None:
    """The last version of the file that will lie at ``path``, which may be the one that lies there."""
    earlier = [p for p in before if shape_of(p) == shape_of(path) and dates_of(p) <= dates_of(path)]
    return before[max(earlier, key=dates_of)] if earlier else None


def _gone(before: Mapping[str, Entry], paths: Iterable[str]) -> list[str]:
    """Files that the version before this one had beside these."""
    paths = list(paths)
    if not paths:
        return []
    top, dates = _top(paths[0]), dates_of(paths[0])
    beside = [p for p in before if _top(p) == top and dates_of(p) < dates]
    newest = max((dates_of(p) for p in beside), default=())
    shapes = {shape_of(p) for p in paths}
    lost = sorted(p for p in beside if dates_of(p) == newest and shape_of(p) not in shapes)
    return (
        [f"{lost[0]} has no successor{f', nor have {len(lost) - 1} more' if lost[1:] else ''}"]
        if lost
        else []
    )


def _top(path: str) -> str:
    """The folder that all versions lie in, which may itself be named after the day."""
    return shape_of(path.split("/")[0])


def _compared(part: Part, entry: Entry, finished: Path, last: Entry, last_place: Path) -> list[str]:
    bounds, path = part.bounds, part.path
    found = _outside(path, "bytes", entry["bytes"], last["bytes"], bounds)
    found += _hole(part, last["path"])
    new, old = _content(finished, path), _content(last_place, last["path"])
    if new is None or old is None:
        return found
    found += _outside(path, "rows", new.count(b"\n"), old.count(b"\n"), bounds)
    if part.periods is not None and (lost := sorted(set(part.periods(old)) - set(part.periods(new)))):
        found.append(f"{path}: speaks no more for {', '.join(lost[:3])}{' …' if lost[3:] else ''}")
    return found


def _outside(path: str, what: str, new: int, old: int, bounds: Bounds) -> list[str]:
    if not old or bounds.low <= new / old <= bounds.high:
        return []
    return [
        f"{path}: {new:,} {what}, the last had {old:,}, expected {bounds.low:g} to {bounds.high:g} times that"
    ]


def _hole(part: Part, last: str) -> list[str]:
    """Months between two files of a series that has one or more a month."""
    if part.version is not None or part.is_alone or not (dates_of(part.path) and dates_of(last)):
        return []
    (year, month), (last_year, last_month) = (
        map(int, dates_of(p)[-1].split("-")[:2]) for p in (part.path, last)
    )
    missing = (year - last_year) * 12 + month - last_month - 1
    if missing < 1:
        return []
    first = date(last_year + last_month // 12, last_month % 12 + 1, 1)
    return [f"{part.path}: no file for {missing} months from {first:%Y-%m} on"]


def _content(place: Path, path: str) -> bytes | None:
    """The lines of a file, of those that have lines."""
    if not path.removesuffix(".gz").endswith(LINES) or not place.is_file():
        return None
    data = place.read_bytes()
    return gzip.decompress(data) if path.endswith(".gz") else data
