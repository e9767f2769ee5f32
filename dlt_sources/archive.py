"""The archive: a folder of raw files with a manifest per source (contract, section 2).

Here: reading and checking manifests and bytes, and the atomic way of adding files.
Not here: what the bytes mean (one module per source) and how they reach the lake
(``tables.py``). Nothing heavy is imported, so that the command line can ask "did anything
change?" at once.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import Annotated, BinaryIO

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dlt_sources.atomic import write_atomically
from dlt_sources.documents import DocumentError, first_fault, strict_json
from dlt_sources.packed import (
    USUAL,
    BeyondLimitError,
    Limits,
    PackedError,
    plain_bytes,
    plain_file,
    refuse_many_rows,
    unpacked,
)

ORIGINS = ("sample", "archive", "live")
MANIFEST = "manifest.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_IN_NO_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # control characters, half ones


class ArchiveError(ValueError):
    """Bad input in the archive: one line that names file, field, expectation and remedy."""


@dataclass(frozen=True)
class File:
    """One listed file. ``observed`` is the ISO day its content speaks for, or None."""

    path: str
    sha256: str
    bytes: int
    observed: str | None
    retrieved: str
    url: str | None
    licence: str | None
    note: str | None


@dataclass(frozen=True)
class Snapshot:
    """One source of an archive, as its manifest lists it. An absent source has no files."""

    root: Path
    source: str
    origin: str | None
    licence: str | None
    attribution: str | None
    homepage: str | None
    manifest_sha256: str | None
    files: tuple[File, ...]
    limits: Limits = USUAL  # of what one file may hold
    kept: Path | None = None  # where what was read of a large file is kept, by the file's hash

    def matching(self, *globs: str) -> list[File]:
        """Listed files whose path matches any glob, by path. A trailing ``.gz`` is optional."""
        return [f for f in self.files if _matches(f.path, globs)]

    def ignored(self, globs: Iterable[str]) -> list[str]:
        """What lies here and nobody reads: listed files no glob asks for, and unlisted files."""
        globs = tuple(globs)
        unread = {f.path for f in self.files if not _matches(f.path, globs)}
        listed = {f.path for f in self.files}
        folder = self.root / self.source
        for top, _, names in os.walk(folder):
            for name in names:
                path = Path(top, name).relative_to(folder).as_posix()
                if path not in listed and path != MANIFEST and not name.startswith("."):
                    unread.add(path)
        return sorted(unread)

    @cached_property
    def _folder(self) -> str:
        return f"{os.path.realpath(self.root)}/{self.source}"

    def read(self, file: File) -> bytes:
        """The file's bytes, checked against the manifest, unpacked when it ends in ``.gz``.

        Raises:
            ArchiveError: the file is absent or no plain one, has another size or hash, is no whole gzip
                file, or holds more than the limits let pass.
        """
        with self._faults_named(file):
            data = plain_bytes(self._location(file), self.limits, file.bytes)
            digest = hashlib.sha256(data).hexdigest()
            if digest != file.sha256:
                raise PackedError(f"sha256 is {digest}, manifest says {file.sha256}")
            if file.path.endswith(".gz"):
                data = unpacked(data, self.limits)
            refuse_many_rows(data, file.path, self.limits)
        return data

    @contextmanager
    def opened(self, file: File) -> Iterator[BinaryIO]:
        """The file as it lies, checked against the manifest; for what is too large to be held unpacked.

        Raises:
            ArchiveError: as of ``read``, and of a fault that is found while it is open.
        """
        with self._faults_named(file), plain_file(self._location(file), self.limits, file.bytes) as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            if digest != file.sha256:
                raise PackedError(f"sha256 is {digest}, manifest says {file.sha256}")
            content.seek(0)
            yield content

    def _location(self, file: File) -> str:
        location = f"{self._folder}/{file.path}"
        if os.path.realpath(location) != location:
            raise PackedError("a link or a path outside the archive")
        return location

    @contextmanager
    def _faults_named(self, file: File) -> Iterator[None]:
        where = f"archive: {self.source}/{file.path}"
        remedy = "fetch it again or remove the entry"
        try:
            yield
        except FileNotFoundError:
            raise ArchiveError(f"{where}: listed in the manifest but absent; {remedy}") from None
        except OSError as error:
            raise ArchiveError(f"{where}: cannot be read ({error.strerror}); {remedy}") from None
        except BeyondLimitError as error:
            raise ArchiveError(f"{where}: {error}") from None
        except PackedError as error:
            raise ArchiveError(f"{where}: {error}; {remedy}") from None


def _matches(path: str, globs: Iterable[str]) -> bool:
    plain = path.removesuffix(".gz")
    return any(fnmatch.fnmatchcase(plain, glob) for glob in globs)


def sources_in(root: Path) -> list[str]:
    """Names of the source folders of an archive that have a manifest, sorted.

    Raises:
        ArchiveError: the folder does not exist or cannot be read.
    """
    try:
        return sorted(p.name for p in root.iterdir() if (p / MANIFEST).is_file())
    except OSError as error:
        raise ArchiveError(
            f"archive: {root}: {error.strerror or error}; expected a folder of sources, "
            "give one with --archive"
        ) from None


def open_snapshot(root: Path, source: str, limits: Limits = USUAL, kept: Path | None = None) -> Snapshot:
    """Read and validate the manifest of one source; absent source, empty snapshot.

    Raises:
        ArchiveError: the manifest is not JSON, lacks a field, holds a value of another kind, or lists an
            unsafe path or one file twice.
    """
    location = root / source / MANIFEST
    try:
        raw = plain_bytes(str(location), limits)
    except FileNotFoundError:
        return Snapshot(root, source, None, None, None, None, None, ())
    except (OSError, PackedError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ArchiveError(
            f"archive: {source}/{MANIFEST}: {reason}; make it a file that can be read"
        ) from None
    # a new one each time: readers keep what they read of it as long as it lives
    return replace(_snapshot(root, source, raw), limits=limits, kept=kept)


def _file_path(value: str) -> str:
    path = PurePosixPath(value)
    if _IN_NO_NAME.search(value) or not path.name:
        raise ValueError(f"{value!r} is no file name; correct it")
    if path.is_absolute() or ".." in path.parts or "\\" in value:
        raise ValueError(f"{value} leaves the source's folder; use a relative path with forward slashes")
    return str(path)


def _hash(value: str) -> str:
    if not _SHA256.fullmatch(value):
        raise ValueError("expected 64 hexadecimal digits; correct it")
    return value


def _day_or_none(value: object) -> object:
    try:
        if value is None or (isinstance(value, str) and date.fromisoformat(value).isoformat() == value):
            return value
    except ValueError:
        pass
    raise ValueError(f"is {value!r}, expected an ISO day or null; correct it")


Words = Annotated[str, Field(pattern=r"\S")]


class _ListedFile(BaseModel):
    """An entry of ``files``; fields it may have besides are nobody's."""

    model_config = ConfigDict(strict=True)

    path: Annotated[str, AfterValidator(_file_path)]
    sha256: Annotated[str, AfterValidator(_hash)]
    bytes: Annotated[int, Field(ge=0)]
    observed: Annotated[str | None, BeforeValidator(_day_or_none)] = None
    retrieved: Words
    url: str | None = None
    licence: str | None = None
    note: str | None = None


class _Manifest(BaseModel):
    """What ``manifest.json`` says (contract, section 2)."""

    model_config = ConfigDict(strict=True)

    source: str
    origin: str
    licence: Words
    attribution: Words
    homepage: str | None = None
    files: list[_ListedFile]


@lru_cache(64)  # a run asks ten times, and 12,000 entries take 0.2 s
def _snapshot(root: Path, source: str, raw: bytes) -> Snapshot:
    where = f"archive: {source}/{MANIFEST}"
    try:
        content = _Manifest.model_validate(strict_json(raw))
    except DocumentError as error:
        raise ArchiveError(f"{where}: {error}; write it again") from None
    except ValidationError as error:
        raise ArchiveError(f"{where}: {_with_remedy(first_fault(error))}") from None
    if content.source != source:
        raise ArchiveError(
            f"{where}: source: is {content.source!r}, expected {source!r}; rename the folder or the field"
        )
    if content.origin not in ORIGINS:
        raise ArchiveError(
            f"{where}: origin: is {content.origin!r}, expected one of {', '.join(ORIGINS)}; correct the field"
        )
    files = tuple(
        File(f.path, f.sha256, f.bytes, f.observed, f.retrieved, f.url, f.licence, f.note)
        for f in sorted(content.files, key=lambda f: f.path)
    )
    _refuse_twice(files, where)
    return Snapshot(
        root=root,
        source=source,
        origin=content.origin,
        licence=content.licence,
        attribution=content.attribution,
        homepage=content.homepage,
        manifest_sha256=hashlib.sha256(raw).hexdigest(),
        files=files,
    )


def _with_remedy(fault: str) -> str:
    if ";" in fault:
        return fault
    return f"{fault}; {'add it (contract, section 2)' if fault.endswith(': missing') else 'correct it'}"


def _refuse_twice(files: Iterable[File], where: str) -> None:
    """A list beside its own packed copy would be read twice, as would one listed twice."""
    listed: dict[str, str] = {}
    for file in files:
        plain = file.path.removesuffix(".gz")
        other = listed.get(plain)
        listed[plain] = file.path
        if other is not None:
            raise ArchiveError(
                f"{where}: files: {file.path} is listed twice; remove one entry"
                if other == file.path
                else f"{where}: files: {other} and {file.path} are one list, packed and not; remove one entry"
            )


def local_snapshot(folder: Path) -> Snapshot:
    """A source that ships with the repository (curated facts), as if it had a manifest."""
    files = tuple(
        File(p.name, hashlib.sha256(data).hexdigest(), len(data), None, "", None, None, None)
        for p in sorted(folder.iterdir())
        if p.is_file()
        for data in [p.read_bytes()]
    )
    listing = json.dumps([(f.path, f.sha256) for f in files])
    return Snapshot(
        folder.parent,
        folder.name,
        None,
        "MIT",
        "the chokepoint project",
        None,
        hashlib.sha256(listing.encode()).hexdigest(),
        files,
    )


def check_origin(root: Path, expected: str) -> list[str]:
    """All sources of the archive, after checking that each has the expected origin.

    Raises:
        ArchiveError: no source at all, or one of another origin (mixed archives are refused).
    """
    names = sources_in(root)
    if not names:
        raise ArchiveError(
            f"archive: {root}: no source folder with a {MANIFEST}; give another folder with --archive"
        )
    for name in names:
        origin = open_snapshot(root, name).origin
        if origin != expected:
            raise ArchiveError(
                f"archive: {name}/{MANIFEST}: origin: is {origin!r}, expected "
                f"{expected!r}; origins are never mixed, give another archive "
                f"or --origin {origin}"
            )
    return names


def write_manifest(root: Path, manifest: Mapping[str, object]) -> None:
    """Write ``<root>/<source>/manifest.json`` last, after the files it lists."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_atomically(root / str(manifest["source"]) / MANIFEST, text.encode())


def listed_entry(
    path: str,
    data: bytes,
    retrieved: str,
    observed: str | None = None,
    url: str | None = None,
    note: str | None = None,
) -> dict[str, object]:
    """The manifest's record of one file with these bytes."""
    return {
        "path": path,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "observed": observed,
        "retrieved": retrieved,
        "url": url,
        "note": note,
    }


def iter_read(snapshot: Snapshot, *globs: str) -> Iterator[tuple[File, bytes]]:
    """Every matching file with its checked bytes, by path."""
    for file in snapshot.matching(*globs):
        yield file, snapshot.read(file)
