"""The chain of hashes: which bytes a stage's outputs were made from, written beside them.

``results/provenance.json`` names the marts, ``site/provenance.json`` the results and marts;
``release`` publishes only where the chain is whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from dlt_sources.atomic import write_atomically

FILE = "provenance.json"


class ProvenanceError(RuntimeError):
    """A file is not the one that what stands beside it was made from; one line."""


def hashes(folder: Path) -> dict[str, str]:
    """``{file name: sha256}`` of the Parquet files in a folder."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.glob("*.parquet"))}


def combined(content: Mapping[str, str]) -> str:
    """One sha256 over a folder's hashes."""
    return hashlib.sha256(json.dumps(dict(content), sort_keys=True).encode()).hexdigest()


def write(folder: Path, **made_from: Mapping[str, str]) -> None:
    """Say what the files in ``folder`` were made from: ``{stage: {file name: sha256}}``."""
    text = json.dumps({stage: dict(files) for stage, files in made_from.items()}, indent=1, sort_keys=True)
    write_atomically(folder / FILE, text.encode())


def forget(folder: Path) -> None:
    """The files in ``folder`` are about to change: nothing vouches for them until ``write``."""
    (folder / FILE).unlink(missing_ok=True)


def require(home: Path, stage: str) -> None:
    """Check that what ``stage`` was made from is still there, byte for byte.

    Raises:
        ProvenanceError: the stage was never made, or a file it was made from changed since.
    """
    try:
        content = json.loads((home / stage / FILE).read_text())
    except (OSError, ValueError):
        raise ProvenanceError(f"{stage}: never made in {home.name}; run it before the release") from None
    for before, expected in content.items():
        found = hashes(home / before)
        for name in sorted(expected.keys() | found.keys()):
            if expected.get(name) != found.get(name):
                raise ProvenanceError(
                    f"{before}/{name}: not the file that {stage} was made from; run {stage} again"
                )
