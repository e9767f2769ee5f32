"""One write that a kill cannot halve: temporary name, fsync, rename (contract, section 1)."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Temporary name, fsync, rename: a reader sees the old bytes or the new ones.

    The temporary name is always the same: what a killed writer left, the next one overwrites. Two
    writers of one file are kept apart by their home's or archive's lock.

    Raises:
        OSError: the file cannot be written, for a full disk too; it names the path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        error.filename = error.filename or str(path)  # a handle has none
        temporary.unlink(missing_ok=True)  # on a full disk half a file is in everyone's way
        raise
    temporary.replace(path)
