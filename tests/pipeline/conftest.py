"""Homes and archives to break: copies of the finished sample run, and of a lean one.

The lean run has one source only, which is legal, quicker, and enough for whatever is not about data. Its
archive is that part of the sample's, written by itself: what is lean does not wait for the sample's run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from dlt_sources.archive import listed_entry, write_manifest
from dlt_sources.sample import write_archive
from tests.conftest import chokepoint, session_folder

LEAN_SOURCE, SEED = "innovation_graph", 1  # the seed of the sample


@pytest.fixture
def copied_home(sample_home: Path, tmp_path: Path) -> Callable[[], Path]:
    """Copies of the finished home, to be broken at will."""

    def copy() -> Path:
        home = tmp_path / "home"
        shutil.copytree(sample_home, home, symlinks=True)
        return home

    return copy


@pytest.fixture
def lean_archive(tmp_path: Path) -> Path:
    """One source of the sample's archive, to be broken at will."""
    archive = tmp_path / "archive"
    write_archive(archive, SEED, (LEAN_SOURCE,))
    return archive


@pytest.fixture(scope="session")
def finished_lean_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that a finished run on one source left; read it, do not change it."""
    home = session_folder(tmp_path_factory) / "lean-home"
    archive = home.with_name("lean-archive")
    with FileLock(home.with_suffix(".lock")):
        if not (home / "current").exists():
            write_archive(archive, SEED, (LEAN_SOURCE,))
            done = chokepoint("run", "--archive", archive, "--home", home)
            assert done.code == 0, done.err + done.out
    return home


@pytest.fixture
def lean_home(finished_lean_home: Path, tmp_path: Path) -> Path:
    """A copy of the lean home, to be broken at will."""
    home = tmp_path / "home"
    shutil.copytree(finished_lean_home, home, symlinks=True)
    return home


def rewrite(archive: Path, table: str, change: Callable[[bytes], bytes], keep_hash: bool = False) -> str:
    """Change every file of a table and list it anew (or leave the manifest as it was).

    Returns the path of the last file, which the source reads as the newest.
    """
    folder = archive / LEAN_SOURCE
    manifest = json.loads((folder / "manifest.json").read_text())
    touched = [e for e in manifest["files"] if e["path"].endswith(f"{table}.csv")]
    for entry in touched:
        data = change((folder / entry["path"]).read_bytes())
        (folder / entry["path"]).write_bytes(data)
        if not keep_hash:
            entry |= listed_entry(entry["path"], data, entry["retrieved"], entry["observed"])
    if not keep_hash:
        write_manifest(archive, manifest)
    return str(touched[-1]["path"])


def contents(home: Path, *stages: str) -> dict[str, bytes]:
    """Every file of these folders of a home, by path."""
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for stage in stages
        for path in sorted((home / stage).rglob("*"))
        if path.is_file()
    }
