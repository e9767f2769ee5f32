"""One hour file on one core: every line counted, the events of tracked repositories kept.

The file is unpacked as a stream into pieces of whole lines, so that memory does not grow with it. Not here:
what is made of several hours (``reduction``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from gzip import BadGzipFile
from typing import BinaryIO, NamedTuple

import orjson
import pyarrow as pa
from isal import igzip, isal_zlib

from dlt_sources.github_hours.definition import EVENTS, Tracked, actor_hash, event_key
from dlt_sources.github_hours.generations import (
    TIMELINE,
    EventError,
    dated_generation,
    event_of,
    is_timeline,
    kind_of,
    repository_of,
)
from dlt_sources.github_hours.heads import PADDING, Filter, Piece, recognised

PIECE = 1 << 21  # bytes unpacked at once
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

    dated: str  # the layout of its hour, unless actors are logins
    lines: int = 0
    bad_lines: int = 0
    unpacked: int = 0
    is_whole: bool = True
    is_timeline: bool = False
    kinds: Counter[str] = field(default_factory=Counter)
    rows: list[dict[str, object]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)  # the first bad line, and what the file lacks

    @property
    def generation(self) -> str | None:
        """The layout of its events; None where there is none."""
        return (TIMELINE if self.is_timeline else self.dated) if self.kinds else None

    @property
    def events(self) -> pa.Table:
        return pa.Table.from_pylist(self.rows, EVENTS)


def scan(content: BinaryIO, hour: datetime, tracked: Tracked, salt: bytes) -> Scanned:
    """Read one hour file, gzip of one or more members.

    The bodies of other repositories' events are not read: a fault in one whose head and end are as usual is
    not seen, and it counts as an event.

    Raises:
        NoHourError: it is no gzip file.
    """
    found = Scanned(dated_generation(hour))
    wanted = Filter.of(tracked)
    for piece in _pieces(content, found):
        heads = recognised(piece, wanted)
        found.kinds += heads.kinds
        for begin, end, line in heads.unread:
            _read(bytes(piece.buffer[begin:end]), found.lines + line + 1, hour, tracked, salt, found)
        found.lines += heads.lines
    if not found.lines:
        found.is_whole = False
        found.faults.append(Fault(None, "it holds no event"))
    return found


def _read(line: bytes, number: int, hour: datetime, tracked: Tracked, salt: bytes, found: Scanned) -> None:
    try:
        content = orjson.loads(line)
        kind = kind_of(content)
        repository = tracked.repository(*repository_of(content))
        event = event_of(content) if repository is not None else None
    except orjson.JSONDecodeError:
        _refuse(found, number, "no JSON")
        return
    except EventError as error:
        _refuse(found, number, str(error))
        return
    found.kinds[kind] += 1
    found.is_timeline = found.is_timeline or is_timeline(content)
    if repository is not None and event is not None:
        has_id = event.event_id is not None
        canonical = b"" if has_id else orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
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


def _refuse(found: Scanned, number: int, reason: str) -> None:
    found.bad_lines += 1
    if found.bad_lines == 1:
        found.faults.append(Fault(number, reason))


def _pieces(content: BinaryIO, found: Scanned) -> Iterator[Piece]:
    """Whole lines in one buffer that is used again; in a cut file what no line's end follows is left out."""
    stream = _Unpacked(content)
    buffer, held, is_skipping = bytearray(PIECE + PADDING), 0, False
    while count := stream.readinto(memoryview(buffer)[held:-PADDING]):
        found.unpacked += count
        end = buffer.rfind(b"\n", held, held + count) + 1
        held += count
        if not end:
            if held == len(buffer) - PADDING and not is_skipping and held <= LINE_LIMIT:
                buffer = buffer[:held] + bytearray(held + PADDING)  # twice the room
            elif held > LINE_LIMIT or is_skipping:
                held, is_skipping = 0, True
            continue
        if is_skipping:
            _refuse(found, found.lines + 1, f"longer than {LINE_LIMIT // 1_000_000} MB")
            found.lines += 1
            begin, is_skipping = buffer.find(b"\n") + 1, False
            buffer[: held - begin] = buffer[begin:held]
            held, end = held - begin, end - begin
        if end:
            yield Piece(buffer, end)
        held -= end
        buffer[:held] = buffer[end : end + held]
    found.is_whole = stream.is_whole
    if not stream.is_whole:
        found.faults.append(Fault(None, "cut or corrupt: read up to its last whole line"))
    elif is_skipping:
        _refuse(found, found.lines + 1, f"longer than {LINE_LIMIT // 1_000_000} MB")
        found.lines += 1
    elif held:
        buffer[held] = ord("\n")
        yield Piece(buffer, held + 1)


class _Unpacked:
    """What a gzip file holds, into a buffer that is given; all that there is of one that is cut.

    Raises:
        NoHourError: it is no gzip file.
    """

    def __init__(self, content: BinaryIO) -> None:
        begins = content.read(len(MAGIC))
        if begins and begins != MAGIC:
            raise NoHourError("no gzip file (an error page of the server?)")
        content.seek(0)
        self._content, self._given, self._rest = content, 0, memoryview(b"")
        self._stream = igzip.IGzipFile(fileobj=content, mode="rb")  # type: ignore[no-untyped-call]
        self.is_whole = bool(begins)

    def readinto(self, view: memoryview) -> int:
        """As many bytes as fit; 0 at the end."""
        if self.is_whole:
            try:
                count: int = self._stream.readinto(view)
            except (EOFError, BadGzipFile, isal_zlib.error):  # type: ignore[misc] # its stub says it is an instance
                self.is_whole = False
                self._rest = memoryview(_readable(self._content, self._given))
            else:
                self._given += count
                return count
        count = min(len(view), len(self._rest))
        view[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _readable(content: BinaryIO, after: int) -> bytes:
    """What a faulty gzip file holds up to its fault, without its first bytes."""
    content.seek(0)
    parts: list[bytes] = []
    unread = after
    try:
        for part in _members(content):
            if len(part) > unread:
                parts.append(part[unread:])
            unread = max(0, unread - len(part))
    except isal_zlib.error:  # type: ignore[misc] # as above
        pass
    return b"".join(parts)


def _members(content: BinaryIO) -> Iterator[bytes]:
    packed = content.read(PACKED)
    while packed:
        member = isal_zlib.decompressobj(GZIP)
        while not member.eof and packed:
            yield member.decompress(packed, PACKED)
            packed = member.unconsumed_tail or (b"" if member.eof else content.read(PACKED))
        packed = member.unused_data or content.read(PACKED)
