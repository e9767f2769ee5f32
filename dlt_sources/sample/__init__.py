"""A simulated archive, SIMULATED everywhere it is shown: true wire formats, known truth.

``write_archive`` asks each writer for its files and lists them in manifests. One writer a source, in a
module of the source's name; sources that ship with the repository need none.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from pathlib import Path

from dlt_sources import SOURCES
from dlt_sources.archive import ArchiveError, listed_entry, open_snapshot, write_manifest
from dlt_sources.atomic import write_atomically
from dlt_sources.sample.world import PLANTED, World, Written

RETRIEVED = "2026-07-01"

Writer = Callable[[World], Mapping[str, Written]]

WRITERS: dict[str, Writer] = {
    source.name: import_module(f"dlt_sources.sample.{source.name}").write
    for source in SOURCES
    if source.local is None
}


def write_archive(root: Path, seed: int, sources: Collection[str] = tuple(WRITERS)) -> None:
    """Write the archive (or some of its sources) under ``root``, replacing what an earlier seed left.

    Raises:
        ArchiveError: ``root`` is no folder and cannot become one, or holds files of another origin.
    """
    _refuse_other_files(root, sources)
    world = World(seed)
    for source in sources:
        write = WRITERS[source]
        shutil.rmtree(root / source, ignore_errors=True)
        entries = []
        for path, file in sorted(write(world).items()):
            target = root / source / path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                target.write_bytes(file.data)
            except OSError as error:
                error.filename = error.filename or str(target)  # a full disk's has none
                raise
            entries.append(
                listed_entry(
                    path,
                    file.data,
                    RETRIEVED,
                    note=file.note,
                    observed=file.observed.isoformat() if file.observed else None,
                )
            )
        write_manifest(
            root,
            {
                "source": source,
                "origin": "sample",
                "licence": "MIT",
                "attribution": f"SIMULATED by chokepoint, seed {seed}",
                "homepage": None,
                "files": entries,
            },
        )
    write_atomically(root / "planted.yml", PLANTED.read_bytes())


def _refuse_other_files(root: Path, sources: Collection[str]) -> None:
    """Nothing is removed that was not simulated."""
    above = next(place for place in (root, *root.absolute().parents) if place.exists())
    if not above.is_dir():
        raise ArchiveError(f"archive: {above}: is no folder, expected one to write into; give another")
    for source in sources:
        origin = open_snapshot(root, source).origin
        if origin not in (None, "sample"):
            raise ArchiveError(
                f"archive: {root / source}: holds files of origin {origin}, "
                "which a simulation would replace; give another folder"
            )
