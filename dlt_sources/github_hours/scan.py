"""One hour file on one core: every line counted, the events of tracked repositories kept.

The file is unpacked as a stream into pieces of whole lines, so that memory does not grow with it. Not here:
what is made of several hours (``reduction``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, NamedTuple

import orjson
import pyarrow as pa
from isal import isal_zlib

from dlt_sources.github_hours.definition import EVENTS, Tracked, actor_hash, event_key
from dlt_sources.github_hours.generations import EventError, event_of, generation_of, kind_of, repository_of

PIECE = 1 << 22  # bytes unpacked at once
LINE_LIMIT = 25_000_000  # bytes; the longest pushes known have a tenth of it
PACKED = 1 << 18  # bytes read at once
GZIP = 31  # zlib's word for gzip's frame, whose checksum is then checked
MAGIC = b"\x1f\x8b"


class NoHourError(ValueError):
    """Why a file is no hour of events at all; says nothing of its content."""


class Fault(NamedTuple):
    """``line`` is counted from 1, None of a fault of the whole file."""

    line: int | None
    reason: str


@dataclass
class Scanned:
    """What one file holds. ``kinds`` counts all events by type, ``rows`` are of ``EVENTS``."""

    lines: int = 0
    bad_lines: int = 0
    unpacked: int = 0
    is_whole: bool = True
    generation: str | None = None
    kinds: Counter[str] = field(default_factory=Counter)
    rows: list[dict[str, object]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)  # the first bad line, and what the file lacks

    @property
    def events(self) -> pa.Table:
        return pa.Table.from_pylist(self.rows, EVENTS)


def scan(content: BinaryIO, hour: datetime, tracked: Tracked, salt: bytes) -> Scanned:
    """Read one hour file, gzip of one or more members.

    Raises:
        NoHourError: it is no gzip file.
    """
    found = Scanned()
    for piece in _pieces(content, found):
        for line in piece.split(b"\n"):
            if line.strip():
                found.lines += 1
                _read(line, hour, tracked, salt, found)
    if not found.lines:
        found.is_whole = False
        found.faults.append(Fault(None, "it holds no event"))
    return found


def _read(line: bytes, hour: datetime, tracked: Tracked, salt: bytes, found: Scanned) -> None:
    try:
        content = orjson.loads(line)
        kind = kind_of(content)
        repository = tracked.repository(*repository_of(content))
        event = event_of(content) if repository is not None else None
    except orjson.JSONDecodeError:
        _refuse(found, "no JSON")
        return
    except EventError as error:
        _refuse(found, str(error))
        return
    found.kinds[kind] += 1
    found.generation = found.generation or generation_of(content, hour)
    if repository is not None and event is not None:
        canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        found.rows.append(
            {
                "hour": hour,
                "key": event_key(kind, event.event_id, event.created, canonical),
                "created_at": event.created,
                "repository": repository,
                "event": kind,
                "actor": actor_hash(salt, event.actor_id, event.login),
                "is_bot": event.is_bot,
                "stated_country": event.stated_country,
            }
        )


def _refuse(found: Scanned, reason: str) -> None:
    found.bad_lines += 1
    if found.bad_lines == 1:
        found.faults.append(Fault(found.lines, reason))


def _pieces(content: BinaryIO, found: Scanned) -> Iterator[bytes]:
    """Whole lines, some megabytes at a time; a line without its end at the end of a cut file is left out."""
    rest, is_too_long = b"", False
    for part in _unpacked(content, found):
        found.unpacked += len(part)
        end = part.rfind(b"\n") + 1
        if not end:
            rest += part
            if len(rest) > LINE_LIMIT:
                rest, is_too_long = b"", True
            continue
        if is_too_long:
            found.lines += 1
            _refuse(found, f"longer than {LINE_LIMIT // 1_000_000} MB")
            begin, is_too_long = part.find(b"\n") + 1, False
        else:
            begin = 0
        yield rest + part[begin:end]
        rest = part[end:]
    if is_too_long:
        found.lines += 1
        _refuse(found, f"longer than {LINE_LIMIT // 1_000_000} MB")
    elif rest and found.is_whole:
        yield rest


def _unpacked(content: BinaryIO, found: Scanned) -> Iterator[bytes]:
    begins = content.read(len(MAGIC))
    content.seek(0)
    if not begins:
        found.is_whole = False
        return
    if begins != MAGIC:
        raise NoHourError("no gzip file (an error page of the server?)")
    try:
        yield from _members(content)
    except (EOFError, isal_zlib.error):  # type: ignore[misc] # its stub declares an instance
        found.is_whole = False
        found.faults.append(Fault(None, "cut or corrupt: read up to its last whole line"))


def _members(content: BinaryIO) -> Iterator[bytes]:
    """What each member of a gzip file holds; zeros behind the last are padding."""
    packed = content.read(PACKED)
    while packed:
        member = isal_zlib.decompressobj(GZIP)
        while not member.eof:
            part = member.decompress(packed, PIECE)
            packed = member.unconsumed_tail
            if part:
                yield part
            if not member.eof and not packed and not (packed := content.read(PACKED)):
                raise EOFError
        packed = member.unused_data.lstrip(b"\0")
        while not packed and (more := content.read(PACKED)):
            packed = more.lstrip(b"\0")
