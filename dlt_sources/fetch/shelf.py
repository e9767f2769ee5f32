"""A source's folder of a live archive: what it lists, and how a finished file comes to be listed.

A file is renamed into place and then listed, so that a manifest never names what is not there. One fetch a
source at a time (its ledger's lock); the manifest itself is rewritten whole (``archive.write_manifest``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlt_sources.archive import MANIFEST, ArchiveError, open_snapshot, write_manifest
from dlt_sources.documents import strict_json
from dlt_sources.fetch.service import Service
from dlt_sources.packed import CHUNK

ORIGIN = "live"
Entry = dict[str, Any]
"""What a manifest says of one file (``archive.listed_entry``)."""


@dataclass
class Shelf:
    """What a live archive lists of one source."""

    archive: Path
    service: Service
    entries: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def of(cls, archive: Path, service: Service) -> Shelf:
        """Read the manifest; one is written where there is none, so that no file lies there without.

        Raises:
            ArchiveError: it cannot be read, or the archive is of another origin.
        """
        snapshot = open_snapshot(archive, service.source)
        if snapshot.manifest_sha256 is None:
            shelf = cls(archive, service)
            shelf._write()
            return shelf
        if snapshot.origin != ORIGIN:
            raise ArchiveError(
                f"archive: {service.source}/{MANIFEST}: origin: is {snapshot.origin!r}, expected {ORIGIN!r}; "
                "origins are never mixed, fetch into another --archive"
            )
        listed = strict_json((archive / service.source / MANIFEST).read_bytes())["files"]
        return cls(archive, service, {entry["path"]: entry for entry in listed})

    def place(self, path: str) -> Path:
        return self.archive / self.service.source / path

    def is_there(self, entry: Entry) -> bool:
        """Whether the file of this entry is listed as it says and lies there, as far as its size tells."""
        listed = self.entries.get(str(entry["path"]))
        place = self.place(str(entry["path"]))
        return (
            listed is not None
            and listed["sha256"] == entry["sha256"]
            and place.is_file()
            and place.stat().st_size == entry["bytes"]
        )

    def take(self, made: Iterable[tuple[Entry, Path]]) -> None:
        """Rename finished files into place, then list them all at once."""
        for entry, finished in made:
            place = self.place(entry["path"])
            place.parent.mkdir(parents=True, exist_ok=True)
            if finished.is_file():  # else a fetch that was killed here had renamed it
                finished.replace(place)
            self.entries[entry["path"]] = entry
        self._write()

    def _write(self) -> None:
        service = self.service
        write_manifest(
            self.archive,
            {
                "source": service.source,
                "origin": ORIGIN,
                "licence": service.licence,
                "attribution": service.attribution,
                "homepage": service.homepage,
                "files": [self.entries[path] for path in sorted(self.entries)],
            },
        )


def sha256_of_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
