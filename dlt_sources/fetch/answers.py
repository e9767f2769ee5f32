"""An answer's bytes: read within bounds, and refused where they are no data although the status is 200.

A page that asks whether one is human, the pointer to a large file, a store's error in XML, nothing at all,
``null``, a table that breaks off in an error's words: each came with a 200 somewhere.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from io import StringIO
from typing import Any, Literal

from dlt.sources.helpers.requests import ChunkedEncodingError, ConnectionError, Response, Timeout
from urllib3.exceptions import HTTPError as BrokenBodyError
from urllib3.exceptions import TimeoutError as SilentBodyError

from dlt_sources.documents import DocumentError, strict_json
from dlt_sources.fetch.errors import NotDataError
from dlt_sources.fetch.pace import WallClock
from dlt_sources.packed import BeyondLimitError, Limits, PackedError, unpacked

Kind = Literal["json", "jsonl", "csv", "xml", "html", "bytes"]

LARGEST = 64 << 20  # bytes of one answer that is held in memory; what is larger is downloaded
UNPACKED = Limits(max_file_mb=256)
CHUNK = 1 << 16
SLOWEST = 1000.0  # bytes a second, over GRACE seconds: less is a line that is dead and does not know it
GRACE = 60.0
HEAD = 512
_LFS = b"version https://git-lfs"
_MARKUP = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
_XML = re.compile(rb"\s*(<\?xml|<Error>)")
_ENTITY = re.compile(rb"<\0?!\0?E\0?N\0?T\0?I\0?T\0?Y")  # in two bytes a character, too
_DATABASE_ERROR = re.compile(rb"__exception__|Code: \d+\. DB::Exception|^404: Not Found", re.MULTILINE)


def chunks_of(response: Response, clock: WallClock) -> Iterator[bytes]:
    """The body as it comes over the wire, packed as it is.

    Raises:
        ChunkedEncodingError, ConnectionError, Timeout: it breaks off, is shorter than it says, or drips.
    """
    began, size = clock.elapsed(), 0
    while True:
        try:
            chunk = response.raw.read1(CHUNK, decode_content=False)
        except SilentBodyError:
            raise Timeout("the body stopped coming") from None
        except (BrokenBodyError, OSError, ValueError) as error:
            raise ChunkedEncodingError(f"the body broke off ({type(error).__name__})") from None
        if not chunk:
            break
        size += len(chunk)
        elapsed = clock.elapsed() - began
        if elapsed > GRACE and size < SLOWEST * elapsed:
            raise ConnectionError(f"{size} bytes in {elapsed:.0f} s")
        yield chunk


def whole_body(chunks: Iterator[bytes], encoding: str) -> bytes:
    """The unpacked body.

    Raises:
        NotDataError: it is larger than an answer may be, packed otherwise than asked, or no whole gzip.
    """
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise NotDataError(f"more than {LARGEST >> 20} MB in one answer", is_lasting=True)
        parts.append(chunk)
    data = b"".join(parts)
    match encoding.strip().lower():
        case "" | "identity":
            return data
        case "gzip" | "x-gzip" if data:
            try:
                return unpacked(data, UNPACKED)
            except BeyondLimitError as error:
                raise NotDataError(str(error).partition(";")[0], is_lasting=True) from None
            except PackedError as error:
                raise NotDataError(str(error)) from None
        case "gzip" | "x-gzip":
            return data
    raise NotDataError(f"packed as {encoding[:20]!r}, expected gzip or nothing", is_lasting=True)


def refuse_what_is_no_data(data: bytes, content_type: str, kind: Kind) -> Any:
    """Check the body of an answer with a good status; what JSON says is returned.

    Raises:
        NotDataError: the body is not of the kind that was asked for.
    """
    head = data[:HEAD]
    if not data.strip():
        raise NotDataError("an empty answer")
    if head.startswith(_LFS):
        raise NotDataError("the pointer to a large file instead of the file", is_lasting=True)
    if kind != "html" and ("text/html" in content_type.lower() or _MARKUP.match(head)):
        raise NotDataError("a web page instead of data")
    if kind not in ("xml", "html", "bytes") and _XML.match(head):
        raise NotDataError("XML, probably an error's, instead of data")
    match kind:
        case "json":
            return _json(data)
        case "jsonl":
            _refuse_words_after_rows(data)
            for line in data.splitlines():
                _json(line)
        case "csv":
            _refuse_words_after_rows(data)
            _refuse_broken_table(data)
        case "xml" if not head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
            raise NotDataError("no XML")
        case "xml" if _ENTITY.search(data):  # what a few bytes would unpack to is not found out
            raise NotDataError("XML that declares entities, which no publisher's does", is_lasting=True)
    return None


def _json(data: bytes) -> Any:
    try:
        content = strict_json(data)
    except DocumentError as error:
        raise NotDataError(str(error)) from None
    if content is None:
        raise NotDataError("null")
    return content


def _refuse_words_after_rows(data: bytes) -> None:
    if _DATABASE_ERROR.search(data[-4096:]):
        raise NotDataError("an error's words after the rows")


def _refuse_broken_table(data: bytes) -> None:
    """Every table here ends in a line end or a whole row; one that was cut has a row too short."""
    try:
        rows = csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=False)
        header = next(rows)
        last = (deque(rows, maxlen=1) or [header])[0]
    except (UnicodeDecodeError, csv.Error, StopIteration) as error:
        raise NotDataError(f"no CSV ({error})") from None
    if last and len(last) != len(header):
        raise NotDataError(f"a last row of {len(last)} fields, the header has {len(header)}")
