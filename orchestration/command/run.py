"""One run in this process: decide what is stale, make it, and say what was made.

The decision imports nothing heavy. Dagster calls a run green in which nothing was made, so success
here means: every asset that was asked for was materialised or is up to date by its key.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
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
from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

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

        from orchestration.command.history import FROM_COMMAND_LINE, dagster_folder, open_instance, settle
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

    with open_instance(dagster_folder(settings)) as instance:
        settle(settings, instance, is_ui_open=home.is_open_to_ui(settings))
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
