"""A file as it is: streamed to a temporary name, gone on with where it broke off, checked, then renamed.

What the publisher says of it is held against it: length, MD5, git's own hash; a gzip or zip file is read to
its end. Where we have had the address before, it is asked whether it changed, and it may say no.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dlt.sources.helpers.requests import ChunkedEncodingError, ConnectionError, Request, Response, Timeout
from requests.models import PreparedRequest

from dlt_sources.fetch.answers import HEAD, Kind, chunks_of, refuse_what_is_no_data
from dlt_sources.fetch.errors import FetchError, NotDataError, PassingError, RefusedError
from dlt_sources.fetch.wire import Budget
from dlt_sources.packed import CHUNK, GZIP

if TYPE_CHECKING:
    from dlt_sources.fetch.client import ServiceSession

MOST_TIMES = 100  # what a packed file may unpack to, in its own size
SMALL = 32 << 20  # bytes up to which a file's content is looked at as that of an answer


def counted(chunks: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    for chunk in chunks:
        budget.take_in(len(chunk))
        yield chunk


def download(
    session: ServiceSession,
    url: str,
    target: Path,
    *,
    kind: Kind = "bytes",
    size: int | None = None,
    md5: str | None = None,
    git_sha1: str | None = None,
    is_conditional: bool = False,
    is_as_it_is: bool = False,
) -> bool:
    """Bring the file at ``url`` to ``target``; False where ``is_conditional`` and it has not changed.

    A download that was stopped at any byte goes on from there, if the file is still the same one.
    ``is_as_it_is``: the publisher may have a file that is empty or packed and cut, and no better one.

    Raises:
        RefusedError: the service says no. FetchError: what came is not the file, or never came whole.
    """
    request = session.prepare_request(Request("GET", url, headers={"Accept-Encoding": "identity"}))
    validator = session.ledger.validator(url) if is_conditional else {}

    def attempt() -> bool:
        try:
            return _attempt(session, request, target, validator, kind, is_as_it_is)
        except (ChunkedEncodingError, ConnectionError, Timeout) as error:
            raise PassingError(str(error)) from None
        except NotDataError as error:
            raise _unusable(session, request, target, error) from None

    def attempt_and_check() -> bool:
        if is_new := attempt():
            try:
                _check(target, size, md5, git_sha1, is_as_it_is)
            except NotDataError as error:
                _forget(target)
                raise PassingError(str(error)) from None
        return is_new

    while True:
        before = _have(target)
        try:
            return session.persist(request, attempt_and_check)
        except RefusedError:
            raise
        except FetchError:
            if _have(target) <= before:  # else the line is bad and the file large: it comes in pieces
                raise


def _unusable(
    session: ServiceSession, request: PreparedRequest, target: Path, error: NotDataError
) -> Exception:
    """What becomes of a download that is no data: another try, unless it would be the same."""
    _forget(target)
    if error.is_lasting:
        return FetchError(f"{session.place(request)}: {error}")
    return PassingError(str(error))


def _have(target: Path) -> int:
    part = _part_of(target)
    return part.stat().st_size if part.is_file() else 0


def _part_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _forget(target: Path) -> None:
    _part_of(target).unlink(missing_ok=True)
    target.unlink(missing_ok=True)


def _attempt(
    session: ServiceSession,
    base: PreparedRequest,
    target: Path,
    validator: Mapping[str, str],
    kind: Kind,
    is_as_it_is: bool,
) -> bool:
    """One exchange: all of the file, or what is missing of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = _part_of(target)
    begun = session.progress.recall("begun") if session.progress else {}
    have = _have(target) if begun.get("url") == base.url else 0
    strong = str(begun.get("etag", ""))
    request = base.copy()
    if have and strong:
        request.headers.update({"Range": f"bytes={have}-", "If-Range": strong})
    elif validator:
        names = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
        request.headers.update({names[name]: value for name, value in validator.items() if name in names})
    with session.turn(request):
        try:
            response = session.exchange(request)
        except RefusedError as error:
            if error.status != 416:
                raise
            part.unlink()  # more of it than there is
            raise ChunkedEncodingError("the file is another one by now") from None
        try:
            if response.status_code == 304:
                return False
            is_rest = response.status_code == 206 and _begins_at(response, have)
            if response.status_code == 206 and not is_rest:
                part.unlink(missing_ok=True)
                raise ChunkedEncodingError("another part of the file than was asked for")
            _remember(session, str(base.url), response)
            _stream(session, response, part, is_rest, kind)
        finally:
            response.close()
    is_empty = is_as_it_is and response.headers.get("Content-Length") == "0"
    if part.stat().st_size <= SMALL and not is_empty:
        refuse_what_is_no_data(part.read_bytes(), response.headers.get("Content-Type", ""), kind)
    part.replace(target)
    return True


def _remember(session: ServiceSession, url: str, response: Response) -> None:
    """What its server calls this file: to go on with it and, once it is taken, to ask for a newer one."""
    etag, modified = response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
    if session.progress:
        strong = "" if etag.startswith("W/") else etag
        validator = {name: value for name, value in (("etag", etag), ("modified", modified)) if value}
        session.progress.note("begun", {"url": url, "etag": strong, "validator": validator})


def _begins_at(response: Response, offset: int) -> bool:
    return response.headers.get("Content-Range", "").startswith(f"bytes {offset}-")


def _stream(session: ServiceSession, response: Response, part: Path, is_rest: bool, kind: Kind) -> None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise NotDataError("packed on the way, although it was asked for as it is")
    with part.open("ab" if is_rest else "wb") as out:
        is_first = not is_rest
        for chunk in counted(chunks_of(response, session.clock), session.budget):
            if is_first and len(chunk) >= HEAD:  # before a page of an error is written in place of gigabytes
                refuse_what_is_no_data(
                    chunk, response.headers.get("Content-Type", ""), "xml" if kind == "xml" else "bytes"
                )
            is_first = False
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())


def _check(target: Path, size: int | None, md5: str | None, git_sha1: str | None, is_as_it_is: bool) -> None:
    """Hold the file against what its publisher says of it, and read a packed one to its end.

    Raises:
        NotDataError: it is another one, or cut.
    """
    found = target.stat().st_size
    if size is not None and found != size:
        raise NotDataError(f"{found} bytes, the publisher says {size}")
    for expected, digest in ((md5, hashlib.md5(usedforsecurity=False)), (git_sha1, _git_hash(found))):
        if expected and (is_it := _hex(target, digest)) != expected.lower():
            raise NotDataError(f"{digest.name} is {is_it}, the publisher says {expected}")
    if is_as_it_is:
        return
    with target.open("rb") as file:
        head = file.read(4)
    if head[:2] == b"\x1f\x8b":
        _read_gzip(target)
    elif head == b"PK\x03\x04":
        _read_zip(target)


def _git_hash(size: int) -> Any:
    digest = hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % size)
    return digest


def _hex(target: Path, digest: Any) -> str:
    with target.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return str(digest.hexdigest())


def _refuse_bomb(target: Path, unpacked_size: int) -> None:
    if unpacked_size > max(SMALL, MOST_TIMES * target.stat().st_size):
        raise NotDataError(f"unpacks to more than {MOST_TIMES} times its size", is_lasting=True)


def _read_gzip(target: Path) -> None:
    """To the end, keeping nothing."""
    size = 0
    with target.open("rb") as file:
        member = zlib.decompressobj(GZIP)
        try:
            while data := member.unconsumed_tail or member.unused_data or file.read(CHUNK):
                if member.eof:
                    if not data.strip(b"\0"):
                        break
                    member = zlib.decompressobj(GZIP)
                size += len(member.decompress(data, CHUNK))
                _refuse_bomb(target, size)
        except zlib.error as error:
            raise NotDataError(f"no whole gzip file ({error})") from None
        if not member.eof:
            raise NotDataError("no whole gzip file (it ends too early)")


def _read_zip(target: Path) -> None:
    try:
        with zipfile.ZipFile(target) as archive:
            _refuse_bomb(target, sum(member.file_size for member in archive.infolist()))
            broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise NotDataError(f"no whole zip file ({error})") from None
    if broken is not None:
        raise NotDataError(f"no whole zip file (member {urlsplit(broken).path[:80]!r} has another checksum)")
