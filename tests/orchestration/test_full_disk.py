"""A disk that takes no more: one line with the path and the remedy, exit 2, whoever noticed it."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from dlt_sources import atomic
from orchestration.errors import DefectError, UserError, no_room
from tests.orchestration.conftest import refused

Captured = pytest.CaptureFixture[str]
FULL = os.strerror(errno.ENOSPC)
FREE = "the disk is full; free some space there or give another --home, and run again"


def _from(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, FULL, "/h/x"), f"/h/x: {FREE}"),
        (OSError(errno.ENOSPC, FULL), f"system: {FREE}"),
        (OSError(f"[Errno 28] Error writing bytes to file. Detail: [errno 28] {FULL}"), f"system: {FREE}"),
        (
            OSError(errno.EDQUOT, os.strerror(errno.EDQUOT), "/h/x"),
            f"/h/x: {FREE.replace('the disk is full', 'your share of the disk is used up')}",
        ),
        (
            OSError(errno.EROFS, os.strerror(errno.EROFS), "/h/x"),
            "/h/x: the disk takes no writes; give a --home that can be written",
        ),
        (sqlite3.OperationalError("database or disk is full"), f"system: {FREE}"),
        (DefectError(f"run: IOException: IO Error: Could not write \"/h/w.duckdb\": {FULL}; log: /h/log"),
         f"/h/w.duckdb: {FREE}"),
        (_from(DefectError("run: it broke"), OSError(errno.ENOSPC, FULL, "/h/x")), f"/h/x: {FREE}"),
        (_from(UserError("dbt: it broke"), _from(RuntimeError("x"), OSError(errno.ENOSPC, FULL, "/h/x"))),
         f"/h/x: {FREE}"),
    ],
)  # fmt: skip
def test_a_full_disk_is_known_by_whoever_says_it(error: Exception, said: str) -> None:
    assert no_room(error) == said


@pytest.mark.parametrize(
    "error",
    [DefectError("run: it broke"), OSError(errno.EACCES, "Permission denied", "/h"), UserError("x: is full")],
)
def test_other_errors_are_none(error: Exception) -> None:
    assert no_room(error) is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_run_on_a_full_disk_is_one_line(
    number: int, archive: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, "fsync", full)
    home = tmp_path / "home"
    line = refused(capsys, "run", "--origin", "archive", "--archive", archive, "--home", home)
    assert line.startswith(f"{home / 'state' / 'home.json'}: ")
    assert line.endswith("; free some space there or give another --home, and run again")
    assert not list(home.rglob("*.tmp"))


def test_a_simulation_on_a_full_disk_is_one_line(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, _: bytes) -> int:
        raise OSError(errno.ENOSPC, FULL, str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert refused(capsys, "simulate", tmp_path / "archive").endswith(FREE)
