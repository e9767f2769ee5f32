"""The archive a run reads: written on the spot for the sample, checked before anything is loaded."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from pathlib import Path

from dlt_sources import SOURCES
from dlt_sources.archive import (
    MANIFEST,
    ArchiveError,
    Snapshot,
    check_origin,
    local_snapshot,
    open_snapshot,
    sources_in,
)
from dlt_sources.atomic import write_atomically
from orchestration.home.curated import check_timeline
from orchestration.home.lock import refuse_other_origin, remember
from orchestration.home.stages import code_version, digest
from orchestration.settings import Settings

STAMP = "simulated.json"
SIMULATOR = ("dlt_sources/sample", "dlt_sources/events", "dbt_project/seeds")


def ensure_archive(settings: Settings) -> None:
    """Write the simulated archive where this seed and these writers have not written it yet.

    Raises:
        ArchiveError: as ``check_simulation`` and ``check_archive``.
        UserError: the home holds another origin's run.
    """
    refuse_other_origin(settings)
    if is_to_be_written(settings):
        _simulate(settings)
    check_archive(settings)
    remember(settings)


def check_archive(settings: Settings) -> None:
    """Refuse an archive that a run would refuse before it loads anything; nothing is written.

    Raises:
        ArchiveError: the archive is absent, mixed, or lists files that are absent, links or of another size.
    """
    if settings.origin == "live" and not os.path.lexists(settings.archive_path):
        raise ArchiveError(
            f"archive: {settings.archive_path}: nothing was fetched yet; start with `chokepoint fetch`"
        )
    check_origin(settings.archive_path, settings.origin)
    for source in SOURCES:
        if not source.local:
            _refuse_unlisted(settings.archive_path / source.name)
            _check_presence(open_snapshot(settings.archive_path, source.name), source.files)


def unread(archive: Path) -> list[str]:
    """Folders of the archive that no source reads: nothing that they hold reaches a number."""
    there = sources_in(archive) if archive.is_dir() else []
    return sorted(set(there) - {source.name for source in SOURCES})


def is_to_be_written(settings: Settings) -> bool:
    """Whether a run would write the archive: the sample's own, not yet by this seed and these writers."""
    if settings.origin != "sample" or settings.archive is not None:
        return False
    stamp = settings.state / STAMP
    written = stamp.read_bytes() if stamp.is_file() else b""
    return written != _stamp(settings) or not settings.archive_path.is_dir()


def check_simulation(settings: Settings) -> None:
    """Refuse what a run would, before it writes the sample's own archive.

    Raises:
        ArchiveError: its place is taken, or the timeline, which it plants its effects by, is not whole.
    """
    check_timeline()
    if os.path.lexists(settings.archive_path) and not settings.archive_path.is_dir():
        raise ArchiveError(f"archive: {settings.archive_path}: is no folder, expected none; remove it")


def _stamp(settings: Settings) -> bytes:
    return json.dumps({"seed": settings.seed, "code": digest(code_version(*SIMULATOR))}).encode()


def _simulate(settings: Settings) -> None:
    from dlt_sources.sample import write_archive

    check_simulation(settings)
    stamp = settings.state / STAMP
    stamp.unlink(missing_ok=True)  # first: a kill from here on leaves an archive that nobody trusts
    shutil.rmtree(settings.archive_path, ignore_errors=True)
    write_archive(settings.archive_path, settings.seed)
    write_atomically(stamp, _stamp(settings))


def _refuse_unlisted(folder: Path) -> None:
    """Files of a source that no manifest lists would look like a source that is absent."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise ArchiveError(
            f"archive: {folder.name}/{MANIFEST}: absent, expected beside the files that lie there; "
            "write it or remove the folder"
        )


def _check_presence(snapshot: Snapshot, globs: tuple[str, ...]) -> None:
    """Absent files, links and other sizes are found before hours of loading; hashes when a file is read."""
    folder = f"{snapshot.root}/{snapshot.source}"
    for file in snapshot.matching(*globs):
        try:
            status = os.lstat(f"{folder}/{file.path}")
        except OSError as error:
            why = "absent" if error.errno == errno.ENOENT else error.strerror
            found = f"listed in the manifest but {why}"
        else:
            if stat.S_ISREG(status.st_mode) and status.st_size == file.bytes:
                continue
            found = f"{status.st_size} bytes, manifest says {file.bytes}"
            if not stat.S_ISREG(status.st_mode):
                found = "is a link, a folder, a pipe or a device, expected a plain file"
        raise ArchiveError(
            f"archive: {snapshot.source}/{file.path}: {found}; fetch it again or remove the entry"
        )


def ignored_files(settings: Settings) -> dict[str, int]:
    """How many files of each source of the archive nobody reads (unlisted ones included)."""
    read = {source.name: source.files for source in SOURCES}
    counts = {
        name: len(open_snapshot(settings.archive_path, name).ignored(read.get(name, ())))
        for name in sources_in(settings.archive_path)
    }
    for folder in settings.archive_path.iterdir():  # what has no manifest at all
        # what begins with a dot is a fetch's own memory
        if folder.is_dir() and folder.name not in counts and not folder.name.startswith("."):
            counts[folder.name] = sum(1 for path in folder.rglob("*") if path.is_file())
    return {name: count for name, count in counts.items() if count}


def list_files(settings: Settings) -> list[dict[str, object]]:
    """Every raw file behind the numbers: source, path, bytes, sha256, licence and day."""
    listed: list[dict[str, object]] = []
    for source in SOURCES:
        snapshot = (
            local_snapshot(source.local)
            if source.local
            else open_snapshot(settings.archive_path, source.name)
        )
        listed += [
            {
                "source": source.name,
                "path": file.path,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "licence": file.licence or snapshot.licence,
                "observed": file.observed,
                "url": file.url,
            }
            for file in snapshot.matching(*source.files)
        ]
    return listed


def describe_archive(settings: Settings) -> list[dict[str, object]]:
    """Origin of every number: per source licence, attribution, files, bytes, manifest hash, days."""
    described: list[dict[str, object]] = []
    for source in SOURCES:
        snapshot = open_snapshot(settings.archive_path, source.name)
        if source.local or not snapshot.files:
            continue
        used = snapshot.matching(*source.files)
        described.append(
            {
                "source": source.name,
                "title": source.title,
                "licence": snapshot.licence,
                "attribution": snapshot.attribution,
                "homepage": snapshot.homepage,
                "files": len(used),
                "bytes": sum(f.bytes for f in used),
                "ignored": len(snapshot.ignored(source.files)),
                "manifest_sha256": snapshot.manifest_sha256,
                "retrieved_first": min((f.retrieved for f in used), default=None),
                "retrieved_last": max((f.retrieved for f in used), default=None),
            }
        )
    return described
