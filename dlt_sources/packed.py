"""Bytes of one file, within limits: what a megabyte unpacks to is for its publisher to choose.

Not here: where a file lies and what its bytes mean (``archive.py``, the sources' modules).
"""

from __future__ import annotations

import errno
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CHUNK = 1 << 20
GZIP = 31  # zlib's word for a window of any size and gzip's frame, whose checksum is then checked
SMALL = 16 << 20  # bytes up to which a ratio says nothing


class PackedError(ValueError):
    """Why a file's bytes are not taken, in one line without its place and the remedy."""


class BeyondLimitError(PackedError):
    """A file is larger than a limit lets pass; the line names the setting that would."""


@dataclass(frozen=True)
class Limits:
    """What one file may hold; the largest of those known has 7 MB and 75,000 records.

    ``max_file_mb`` in 1e6 bytes, unpacked; ``max_file_rows`` in lines, of JSON in values;
    ``max_unpacked_ratio`` in bytes unpacked a packed one (text has about ten, and may have a thousand).
    """

    max_file_mb: int = 200
    max_file_rows: int = 1_000_000
    max_unpacked_ratio: int = 100


USUAL = Limits()


def plain_bytes(location: str, limits: Limits, size: int | None = None) -> bytes:
    """The bytes of a plain file; where ``size`` is given, it should be that many.

    Raises:
        OSError: it cannot be opened or read.
        PackedError: it is a link, a folder, a pipe or a device, or has another size.
        BeyondLimitError: it has more bytes than a file may have.
    """
    with plain_file(location, limits, size) as content:
        return content.read(os.fstat(content.fileno()).st_size)


@contextmanager
def plain_file(location: str, limits: Limits, size: int | None = None) -> Iterator[io.BufferedReader]:
    """A plain file, open to be read; for those that are too large to be held.

    Raises:
        OSError: it cannot be opened or read.
        PackedError: it is a link, a folder, a pipe or a device, or has another size.
        BeyondLimitError: it has more bytes than a file may have.
    """
    try:  # a pipe without a writer would keep us waiting for one
        handle = os.open(location, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link; a socket
            raise PackedError("is no plain file") from None
        raise
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise PackedError("is no plain file")
        if size is not None and status.st_size != size:
            raise PackedError(f"{status.st_size} bytes, manifest says {size}")
        _refuse_beyond(status.st_size, limits)
        with open(handle, "rb", closefd=False) as content:
            yield content
    finally:
        os.close(handle)


def unpacked(data: bytes, limits: Limits) -> bytes:
    """What a gzip file holds: one or more members, each whole, zeros behind them and nothing else.

    Raises:
        PackedError: cut, corrupt, or followed by something else.
        BeyondLimitError: it unpacks to more than a file may have, or to suspiciously many times its size.
    """
    parts: list[bytes] = []
    size = 0
    rest = data
    while not parts or rest.strip(b"\0"):
        member = zlib.decompressobj(GZIP)
        while not member.eof:
            try:
                part = member.decompress(rest, CHUNK)
            except zlib.error as error:
                raise PackedError(f"not a whole gzip file ({error})") from None
            if not part and not member.eof:
                raise PackedError("not a whole gzip file (it ends too early)")
            rest = member.unconsumed_tail
            parts.append(part)
            size += len(part)
            _refuse_beyond(size, limits)
            if size > max(SMALL, limits.max_unpacked_ratio * len(data)):
                raise BeyondLimitError(
                    f"unpacks to more than {limits.max_unpacked_ratio} times its {len(data):,} bytes; "
                    "if it is right, raise max_unpacked_ratio"
                )
        rest = member.unused_data
    return b"".join(parts)


def refuse_many_rows(data: bytes, path: str, limits: Limits) -> None:
    """Counted before anything is read of it: a record takes a hundred times its bytes in memory.

    Raises:
        BeyondLimitError: more lines, or values of a JSON file, than a file may have.
    """
    is_json = path.removesuffix(".gz").endswith(".json")
    count = data.count(b",") if is_json else max(data.count(b"\n"), data.count(b"\r"))
    if count > limits.max_file_rows:
        raise BeyondLimitError(
            f"has more than {limits.max_file_rows:,} {'values' if is_json else 'lines'}; "
            "if it is right, raise max_file_rows"
        )


def _refuse_beyond(size: int, limits: Limits) -> None:
    if size > limits.max_file_mb * 1_000_000:
        raise BeyondLimitError(
            f"has more than {limits.max_file_mb:,} MB unpacked; if it is right, raise max_file_mb"
        )
