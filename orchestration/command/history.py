"""Dagster's record of runs: the files that its user interface reads, and what a dead run left in them.

Dagster waits for the disk at every event, and a run here has three thousand. Not waiting can cost events in
a power cut, never results: those have files and stage records of their own.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import yaml
from sqlalchemy import Engine, event

from orchestration.command.run_storage import HistoryStorage
from orchestration.errors import UserError
from orchestration.settings import Settings, top_level_file

FROM_COMMAND_LINE = "chokepoint/command_line"
FOR_UI, FOR_TERMINAL = "dagster.yaml", "terminal.yaml"
# Dagster copies what a step prints through files, and has four processes a run do it, which a signal to the
# terminal's processes reaches too. A run in the terminal has printed it there.
COPY_NOTHING = {
    "compute_logs": {
        "module": "dagster.core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}


def dagster_folder(settings: Settings) -> Path:
    """Where the home keeps Dagster's history, with the configuration that the UI reads."""
    folder = settings.state / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(top_level_file(FOR_UI), folder / FOR_UI)
    return folder


@contextmanager
def open_instance(folder: Path) -> Iterator[dg.DagsterInstance]:
    """The instance whose ``dagster.yaml`` lies in the folder, without a wait for the disk."""
    usual = folder / FOR_UI
    config = (yaml.safe_load(usual.read_text()) if usual.is_file() else None) or {}
    kept = {"module": HistoryStorage.__module__, "class": HistoryStorage.__name__}
    storage = {"storage": {"custom": kept | {"config": {"base_dir": str(folder)}}}}
    (folder / FOR_TERMINAL).write_text(yaml.safe_dump(config | COPY_NOTHING | storage))
    event.listen(Engine, "connect", _do_not_wait)
    try:
        with dg.DagsterInstance.from_config(str(folder), FOR_TERMINAL) as instance:
            yield instance
    finally:
        event.remove(Engine, "connect", _do_not_wait)


def settle(settings: Settings, instance: dg.DagsterInstance, *, is_ui_open: bool) -> None:
    """End in Dagster's history what did not live to say so; the caller holds the home.

    A run that was killed would stay "started" there, and hold up the UI's queue for good. While the UI is
    open its runs are its own to settle; it does so within a second.

    Raises:
        UserError: a run that was started in the UI is in progress.
    """
    in_progress = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    for run in instance.get_runs(dg.RunsFilter(statuses=in_progress)):
        if is_ui_open and FROM_COMMAND_LINE not in run.tags:
            raise UserError(
                f"home: {settings.home_path}: a run is already in progress in Dagster's UI "
                f"({run.run_id[:8]}); wait for it or terminate it there"
            )
        instance.report_run_failed(run, "its process was ended")  # nobody is left who could be at it
    for run_id in instance.event_log_storage.get_concurrency_run_ids():  # or its pools stay taken
        if (left := instance.get_run_by_id(run_id)) is None or left.is_finished:
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)


def _do_not_wait(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("pragma synchronous = off")
