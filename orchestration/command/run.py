"""One run in this process: decide what is stale, make it, and say what was made.

The decision imports nothing heavy. Dagster calls a run green in which nothing was made, so success
here means: every asset that was asked for was materialised or is up to date by its key.
"""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from dlt_sources.atomic import write_atomically
from orchestration.errors import DefectError, UserError, mendable
from orchestration.home import lock as home
from orchestration.home import stages
from orchestration.home.archives import ensure_archive
from orchestration.home.curated import check_specs
from orchestration.settings import Settings, top_level_file

if TYPE_CHECKING:
    import dagster as dg

FROM_COMMAND_LINE = "chokepoint/command_line"
UNUSABLE = (PermissionError, IsADirectoryError, NotADirectoryError)


@dataclass
class Run:
    """What a run did, for the end table and ``--json``."""

    home: Path
    origin: str
    made: list[str] = field(default_factory=list)
    up_to_date: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    total_seconds: float = 0.0
    log: Path | None = None


def run(settings: Settings, selection: str | None, console: Console) -> Run:
    """Make what is stale (or, of a selection, what is), in one process, under the home's lock.

    Raises:
        UserError: bad input, a failed gate, a run in progress, an unwritable home.
        DefectError: anything else that stopped the run.
    """
    began = time.perf_counter()
    with home.held(settings):
        try:
            outcome = _run_locked(settings, selection, console)
        except UNUSABLE as error:
            raise home.unusable(settings, error) from None
        except Exception as error:
            if isinstance(error, (DefectError, *mendable())):
                raise
            # whatever else it was, its trace is for us
            log = settings.logs / f"defect-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
            write_atomically(log, traceback.format_exc().encode())
            raise DefectError(f"run: {type(error).__name__}: {_one_line(error)}; log: {log}") from error
    outcome.total_seconds = time.perf_counter() - began
    return outcome


def _run_locked(settings: Settings, selection: str | None, console: Console) -> Run:
    ensure_archive(settings)
    outcome = Run(settings.home_path, settings.origin)
    stale = stages.stale(settings)
    if selection is None and not stale:
        outcome.up_to_date = list(stages.ALL)
        return outcome
    if selection is not None and (named := _fresh_stage(settings, selection, stale)):
        outcome.up_to_date = [named]
        return outcome
    if selection is None and "results" in stale:
        check_specs()
    outcome.up_to_date = [stage for stage in stages.ALL if stage not in stale] if selection is None else []
    _execute(settings, selection, stale, console, outcome)
    return outcome


def _fresh_stage(settings: Settings, selection: str, stale: Sequence[str]) -> str | None:
    """The one stage a plain asset key belongs to, where it and all that it was made of are untouched."""
    owners = [stage for stage in stages.ALL if selection == stage or selection.startswith(f"{stage}/")]
    if not owners or not _was_made(settings, selection):
        return None
    needed = {owners[0]}
    for name in reversed(stages.ALL):
        if name in needed:
            needed.update(stages.BEFORE[name])
    return None if needed.intersection(stale) else owners[0]


def _was_made(settings: Settings, key: str) -> bool:
    """What a plain key names is there; a key that nothing made may be none at all."""
    match key.split("/"):
        case ["marts" | "results" as room, table]:
            return (settings.home_path / room / f"{table}.parquet").is_file()
        case ["raw", source, table]:
            return (settings.lake / "raw" / source / table).is_dir()
        case ["gate", _] | ["site", "pages"] | ["release"]:
            return True
    return False


def _execute(settings: Settings, selection: str | None, stale: Sequence[str], console: Console,
             outcome: Run) -> None:  # fmt: skip
    with console.status("loading definitions", spinner="dots"):
        import dagster as dg

        from orchestration.command.selection import selected
        from orchestration.command.terminal import StageLines, run_logger
        from orchestration.definitions import build_defs
        from orchestration.jobs import REFRESH, assets_to_make

        outcome.log = settings.logs / f"run-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
        lines = StageLines(console, settings.flags)
        defs = build_defs(settings, {"log": run_logger(outcome.log, lines)})
        if selection is None:
            job = defs.resolve_job_def(REFRESH.name)
            chosen = assets_to_make(job.asset_layer.executable_asset_keys, stale)
        else:
            job = defs.resolve_implicit_global_asset_job_def()
            chosen = selected(selection, defs)
    failures: list[BaseException] = []

    @dg.failure_hook
    def remember(context: dg.HookContext) -> None:
        if context.op_exception is not None:
            failures.append(context.op_exception)

    with _instance(settings) as instance:
        _settle(settings, instance)
        result = job.with_hooks({remember}).execute_in_process(
            instance=instance,
            asset_selection=sorted(chosen),
            raise_on_error=False,
            run_config={"loggers": {"log": {}}},
            tags={FROM_COMMAND_LINE: "true"},
        )
    lines.close()
    outcome.seconds, outcome.rows = dict(lines.seconds), dict(lines.rows)
    made = {
        event.asset_key for event in result.all_events if event.is_step_materialization and event.asset_key
    }
    outcome.made = sorted(key.to_user_string() for key in made & chosen)
    _refuse(result, failures, chosen - made, outcome.log, settings.flags)


def _instance(settings: Settings) -> AbstractContextManager[dg.DagsterInstance]:
    from orchestration.command.history import open_instance

    folder = settings.state / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(top_level_file("dagster.yaml"), folder / "dagster.yaml")
    return open_instance(folder)


def _settle(settings: Settings, instance: dg.DagsterInstance) -> None:
    """One run at a time, the UI's included. A killed run of ours would stay "started" in Dagster's
    history, and hold up the UI's queue for good.

    Raises:
        UserError: a run that was started in the UI is in progress.
    """
    import dagster as dg

    in_progress = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    for run in instance.get_runs(dg.RunsFilter(statuses=in_progress)):
        if FROM_COMMAND_LINE not in run.tags:
            raise UserError(
                f"home: {settings.home_path}: a run is already in progress in Dagster's UI "
                f"({run.run_id[:8]}); wait for it or terminate it there"
            )
        instance.report_run_failed(run, "its process was killed")  # we hold the home, so it is not alive
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)  # or its pools stay taken


def _refuse(result: dg.ExecuteInProcessResult, failures: Sequence[BaseException],
            missing: set[dg.AssetKey], log: Path, flags: str) -> None:  # fmt: skip
    """Raise for the first failure; a run that made less than was asked is a failure too."""
    for failure in failures:
        _raise_if_mendable(failure)
    checks = [
        event.asset_check_evaluation_data
        for event in result.all_events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    blocking = [c for c in checks if not c.passed and c.blocking and c.severity.value == "ERROR"]
    if blocking:
        first = blocking[0]
        observed = first.metadata.get("observed")
        raise UserError(
            f"gate: {first.asset_key.to_user_string()}: {first.check_name} failed"
            + (f" ({observed.value})" if observed else "")
            + (f" and {len(blocking) - 1} more" if blocking[1:] else "")
            + f"; see `chokepoint check{flags}`, mend the data or accept it with a reason"
        )
    if failures:
        raise DefectError(f"run: {type(failures[0]).__name__}: {_one_line(failures[0])}; log: {log}")
    if missing:
        names = ", ".join(sorted(key.to_user_string() for key in missing)[:3])
        raise DefectError(f"run: {len(missing)} assets were not made, first {names}; log: {log}")


def _raise_if_mendable(failure: BaseException) -> None:
    """A library may have wrapped the error that says what to do (dlt does)."""
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, mendable()):
            raise UserError(" ".join(str(cause).split())) from failure
        if isinstance(cause, UNUSABLE):
            raise UserError(f"home: {_one_line(cause)}; make it readable and writable") from failure
        cause = cause.__cause__ or cause.__context__


def _one_line(text: object) -> str:
    return " ".join(str(text).split())[:300]
