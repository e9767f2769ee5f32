"""What a run says in the terminal: a live line a stage, then tables. Dagster's own words go to the log."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.status import Status
from rich.table import Table
from rich.text import Text

from orchestration.warehouse import PROGRESS

if TYPE_CHECKING:
    import dagster as dg

NAMED_CHECKS = 4
GAP = 2  # between columns
LEAST_OF_WORDS = 24  # width below which a column of words is no longer read
INDENT = "  "


class StageLines(logging.Handler):
    """Turns Dagster's step events into one line a stage; on a terminal a live line says how far it is.

    ``flags`` are what a command must be told to mean this home.
    """

    def __init__(self, console: Console, flags: str = "") -> None:
        super().__init__(logging.DEBUG)
        self.console = console
        self.flags = flags
        self.step = ""
        if console.is_terminal:
            PROGRESS.addHandler(self)
            PROGRESS.setLevel(logging.INFO)
            PROGRESS.propagate = False
        self.started: dict[str, float] = {}
        self.rows: dict[str, int] = defaultdict(int)
        self.failed_checks: dict[str, list[str]] = defaultdict(list)
        self.seconds: dict[str, float] = {}
        self.status: Status | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == PROGRESS.name:
            self._show(f"{self.step}: {record.getMessage()}")
            return
        event = getattr(record, "dagster_event", None)
        if event is None or event.step_key is None:
            return
        step = event.step_key
        match event.event_type_value:
            case "STEP_START":
                self.started[step] = time.perf_counter()
                self.step = step.replace("__", "/")  # an asset's key is no name of a step
                self._show(self.step)
            case "ASSET_MATERIALIZATION":
                count = event.materialization.metadata.get("dagster/row_count")
                self.rows[step] += int(count.value) if count is not None else 0
            case "ASSET_CHECK_EVALUATION":
                check = event.asset_check_evaluation_data
                if not check.passed:
                    table = check.asset_key.to_user_string().removeprefix("raw/").removeprefix("marts/")
                    self.failed_checks[step].append(f"{table} {check.check_name}")
            case "STEP_SUCCESS" | "STEP_FAILURE":
                self._finish(step, event.event_type_value == "STEP_SUCCESS")

    def _show(self, line: str) -> None:
        if self.console.is_terminal:
            self.status = self.status or self.console.status("", spinner="dots")
            self.status.update(line)
            self.status.start()

    def _finish(self, step: str, is_well: bool) -> None:
        self.seconds[step] = time.perf_counter() - self.started.get(step, time.perf_counter())
        rows = f"{self.rows[step]:>11,} rows" if self.rows[step] else " " * 16
        failed = sorted(self.failed_checks[step])
        notes = f"  {len(failed)} check{'s' * (len(failed) > 1)} to look at:" if failed else ""
        mark = "[green]✓[/]" if is_well else "[red]✗[/]"
        name = step.replace("__", "/")
        line = f"  {mark} {name:<24}{self.seconds[step]:>7.1f} s {rows}{notes}".rstrip()
        self.console.print(line, highlight=False, soft_wrap=True)
        for check in failed[:NAMED_CHECKS]:
            self.console.print(f"      {check}", highlight=False, soft_wrap=True)
        if failed:
            more = f"and {len(failed) - NAMED_CHECKS} more; " if failed[NAMED_CHECKS:] else ""
            ask = f"      {more}what they found: chokepoint check{self.flags}"
            self.console.print(ask, highlight=False, soft_wrap=True)

    def close(self) -> None:
        PROGRESS.removeHandler(self)
        if self.status is not None:
            self.status.stop()
        super().close()


def run_logger(log: Path, lines: StageLines) -> dg.LoggerDefinition:
    """Everything Dagster says goes to ``log``; step events also become lines."""
    import dagster as dg  # not above: a run with nothing to do prints its table without it

    @dg.logger
    def to_log(_: dg.InitLoggerContext) -> logging.Logger:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = logging.FileHandler(log, encoding="utf-8")
        file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger = logging.Logger("chokepoint", logging.DEBUG)
        logger.addHandler(file)
        logger.addHandler(lines)
        logging.captureWarnings(True)  # libraries' deprecations are for us, not for the reader
        logging.getLogger("py.warnings").handlers = [file]
        logging.getLogger("py.warnings").propagate = False
        return logger

    return to_log


def table(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]],
          caption: str | None = None) -> None:  # fmt: skip
    """A plain table; numbers to the right. Where it is narrow, the last column of words is broken; where not
    even its numbers have room, a row is a paragraph, so that none is cut."""
    cells = [[shown(value) for value in row] for row in rows]
    console.print()
    console.print(title, style="bold", highlight=False, markup=False)
    if _needed(columns, cells) > console.width:
        for row in cells:
            _print_paragraph(console, columns, row)
    else:
        drawn = Table(box=None, pad_edge=False)
        for index, column in enumerate(columns):
            is_number = any(isinstance(row[index], (int, float)) for row in rows)
            drawn.add_column(
                column,
                justify="right" if is_number else "left",
                overflow="fold",
                no_wrap=index < len(columns) - 1,
            )
        for row in cells:
            drawn.add_row(*(escape(cell) for cell in row))
        console.print(drawn)
    if caption:
        console.print(caption, style="italic", highlight=False, markup=False)


def _needed(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """The width below which a table would be cut."""
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    return sum(width + GAP for width in widths[:-1]) + min(widths[-1], LEAST_OF_WORDS)


def _print_paragraph(console: Console, columns: Sequence[str], cells: Sequence[str]) -> None:
    """A row as its first cell, and below it ``column: cell`` one after the other; a pair is broken only where
    it is longer than a line."""
    console.print(Text(cells[0]))
    pairs = [
        f"{name.strip()}: {cell.strip()}"
        for name, cell in zip(columns[1:], cells[1:], strict=True)
        if cell.strip()
    ]
    lines = [""]
    for place, pair in enumerate(pairs, 1):
        piece = pair + "; " * (place < len(pairs))
        if lines[-1] and cell_len(lines[-1] + piece.rstrip()) + len(INDENT) > console.width:
            lines.append("")
        lines[-1] += piece
    for line in lines:
        console.print(Padding(Text(line.rstrip()), (0, 0, 0, len(INDENT))))


def number(value: float) -> str:
    """Three decimals; three figures that matter where those would be zeros, thousands without decimals."""
    size = abs(value)
    if not value or 0.0005 <= size < 1000:
        return f"{value:.3f}"
    return f"{value:,.0f}" if 1000 <= size < 1e15 else f"{value:.3g}"


def shown(value: Any) -> str:
    """A cell: three decimals for fractions, thousands for counts, a dash for nothing."""
    if value is None or value != value:
        return "–"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def judged(row: Mapping[str, Any]) -> str:
    """Why a row of the identification stands where it does, and what data would test it."""
    reason = row["reason"] or ""
    return f"{reason}. Would test it: {row['needs']}" if row["needs"] else reason
