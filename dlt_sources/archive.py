"""The archive: a folder of raw files with a manifest per source (contract, section 2).

Here: reading and checking manifests and bytes, and the atomic way of adding files.
Not here: what the bytes mean (one module per source) and how they reach the lake
(``tables.py``). Standard library only, so that the command line can ask "did anything
change?" before it imports anything heavy.
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath

from dlt_sources.atomic import write_atomically

ORIGINS = ("sample", "archive", "live")
MANIFEST = "manifest.json"
REQUIRED = ("source", "origin", "licence", "attribution", "files")
FILE_REQUIRED = ("path", "sha256", "bytes", "retrieved")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_IN_NO_NAME = re.compile(r"[\x00\ud800-\udfff]")  # a NUL, half a character


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
            ArchiveError: the file is absent, has another size or hash, or is no gzip file.
        """
        where = f"archive: {self.source}/{file.path}"
        remedy = "fetch it again or remove the entry"
        location = f"{self._folder}/{file.path}"
        if os.path.realpath(location) != location:
            raise ArchiveError(f"{where}: a link or a path outside the archive; {remedy}")
        try:
            with open(location, "rb") as content:  # noqa: PTH123  (pathlib costs a second in 12,000 files)
                data = content.read()
        except FileNotFoundError:
            raise ArchiveError(f"{where}: listed in the manifest but absent; {remedy}") from None
        except OSError as error:
            raise ArchiveError(f"{where}: cannot be read ({error.strerror}); {remedy}") from None
        if len(data) != file.bytes:
            raise ArchiveError(f"{where}: {len(data)} bytes, manifest says {file.bytes}; {remedy}")
        digest = hashlib.sha256(data).hexdigest()
        if digest != file.sha256:
            raise ArchiveError(f"{where}: sha256 is {digest}, manifest says {file.sha256}; {remedy}")
        if not file.path.endswith(".gz"):
            return data
        try:
            return gzip.decompress(data)
        except (OSError, EOFError) as error:
            raise ArchiveError(f"{where}: not a whole gzip file ({error}); {remedy}") from None


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


def open_snapshot(root: Path, source: str) -> Snapshot:
    """Read and validate the manifest of one source; absent source, empty snapshot.

    Raises:
        ArchiveError: the manifest is not JSON, lacks a field, or lists an unsafe path.
    """
    location = root / source / MANIFEST
    try:
        raw = location.read_bytes()
    except FileNotFoundError:
        return Snapshot(root, source, None, None, None, None, None, ())
    except OSError as error:
        raise ArchiveError(
            f"archive: {source}/{MANIFEST}: {error.strerror}; make it a file that can be read"
        ) from None
    return replace(_snapshot(root, source, raw))  # readers keep what they read of it as long as it lives


@lru_cache(64)  # a run asks ten times, and 12,000 entries take 0.2 s
def _snapshot(root: Path, source: str, raw: bytes) -> Snapshot:
    where = f"archive: {source}/{MANIFEST}"
    try:
        content = json.loads(raw)
    except ValueError as error:
        raise ArchiveError(f"{where}: not JSON ({error}); write it again") from None
    _require(content, REQUIRED, where)
    if content["source"] != source:
        raise ArchiveError(
            f"{where}: source: is {content['source']!r}, expected {source!r}; rename the folder or the field"
        )
    if content["origin"] not in ORIGINS:
        raise ArchiveError(
            f"{where}: origin: is {content['origin']!r}, expected one of "
            f"{', '.join(ORIGINS)}; correct the field"
        )
    if not isinstance(content["files"], list):
        raise ArchiveError(f"{where}: files: is no list; write the manifest again")
    files = tuple(_file(entry, where, n) for n, entry in enumerate(content["files"]))
    twice = [path for path, count in Counter(f.path for f in files).items() if count > 1]
    if twice:
        raise ArchiveError(f"{where}: files: {twice[0]} is listed twice; remove one entry")
    return Snapshot(
        root=root,
        source=source,
        origin=content["origin"],
        licence=content["licence"],
        attribution=content["attribution"],
        homepage=content.get("homepage"),
        manifest_sha256=hashlib.sha256(raw).hexdigest(),
        files=tuple(sorted(files, key=lambda f: f.path)),
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


def _require(content: object, fields: Iterable[str], where: str) -> None:
    if not isinstance(content, Mapping):
        raise ArchiveError(f"{where}: expected an object; write it again")
    for field in fields:
        if content.get(field) is None:
            raise ArchiveError(f"{where}: {field}: missing; add it (contract, section 2)")


def _file(entry: object, where: str, position: int) -> File:
    where = f"{where}: files[{position}]"
    _require(entry, FILE_REQUIRED, where)
    assert isinstance(entry, Mapping)  # _require has said so; for the type checker
    path = PurePosixPath(str(entry["path"]))
    if path.is_absolute() or ".." in path.parts or "\\" in str(path):
        raise ArchiveError(
            f"{where}: path: {path} leaves the source's folder; use a relative path with forward slashes"
        )
    if _IN_NO_NAME.search(str(path)):
        raise ArchiveError(f"{where}: path: {str(path)!r} is no file name; correct it")
    if not _SHA256.fullmatch(str(entry["sha256"])):
        raise ArchiveError(f"{where}: sha256: expected 64 hexadecimal digits; correct it")
    if not isinstance(entry["bytes"], int) or entry["bytes"] < 0:
        raise ArchiveError(f"{where}: bytes: expected a whole number; correct it")
    observed = entry.get("observed")
    if observed is not None:
        try:
            date.fromisoformat(observed)
        except (TypeError, ValueError):
            raise ArchiveError(
                f"{where}: observed: is {observed!r}, expected an ISO day or null; correct it"
            ) from None
    return File(
        str(path),
        entry["sha256"],
        entry["bytes"],
        observed,
        str(entry["retrieved"]),
        entry.get("url"),
        entry.get("licence"),
        entry.get("note"),
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
