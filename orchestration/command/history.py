"""Dagster's record of a run from the terminal: the files that its user interface reads.

Dagster waits for the disk at every event, and a run here has two thousand. Not waiting can cost events in
a power cut, never results: those have files and stage records of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from sqlalchemy import Engine, event


@contextmanager
def open_instance(folder: Path) -> Iterator[dg.DagsterInstance]:
    """The instance whose ``dagster.yaml`` lies in the folder, without a wait for the disk."""
    event.listen(Engine, "connect", _do_not_wait)
    try:
        with dg.DagsterInstance.from_config(str(folder)) as instance:
            yield instance
    finally:
        event.remove(Engine, "connect", _do_not_wait)


def _do_not_wait(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("pragma synchronous = off")
