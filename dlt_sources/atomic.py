"""One write that a kill cannot halve: temporary name, fsync, rename (contract, section 1)."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Temporary name, fsync, rename: a reader sees the old bytes or the new ones.

    The temporary name is always the same: what a killed writer left, the next one overwrites. Two
    writers of one file are kept apart by their home's or archive's lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
