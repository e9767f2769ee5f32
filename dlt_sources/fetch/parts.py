"""The two usual ways in which a part's bytes come to be; a connector may have one of its own.

``whole``: a file as the publisher has it. ``gathered``: the records of many answers, one JSON object a line,
by their keys, each once, so that neither the order of pages nor a page that came twice shows in the bytes.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.service import Part

Records = Callable[[ServiceSession], Iterable[tuple[str, Mapping[str, Any]]]]
"""Asks and yields (key, record); personal data are left out here."""


def whole(path: str, url: str, *, expected: Mapping[str, Any] | None = None, **given: Any) -> Part:
    """A file as it is. ``expected`` is what ``downloads.download`` is told: kind, size, md5 …"""

    def make(session: ServiceSession, target: Path) -> bool:
        return session.download(url, target, **(expected or {}))

    return Part(path, make, url=url, **given)


def gathered(path: str, records: Records, *, least: int = 1, **given: Any) -> Part:
    """Records of answers, in a gzip file of JSON lines; ``path`` ends in ``.jsonl.gz``.

    Fewer than ``least`` stop the fetch: no answer is not the answer that there is nothing.
    """

    def make(session: ServiceSession, target: Path) -> bool:
        lines: dict[str, str] = {}
        for key, record in records(session):
            line = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            lines[key] = max(line, lines.get(key, ""))  # of two versions always the same one
        if len(lines) < least:
            raise FetchError(
                f"fetch: {session.service.source}/{path}: {len(lines)} records, expected at least {least}; "
                "fetch again later"
            )
        write_lines(target, (lines[key] for key in sorted(lines)))
        return True

    return Part(path, make, **given)


def write_lines(target: Path, lines: Iterable[str]) -> None:
    """Lines as a gzip file that is the same whenever it is written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for line in lines:
            file.write(line.encode() + b"\n")
