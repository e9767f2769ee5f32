"""Build the page into a folder: ``build(inputs, output)``.

Here: rendering, files, the swap of the finished folder. Not here: what the page says.
The folder is made beside its place and swapped in by rename, so that a reader or a crash never meets half
of it. Equal inputs give equal bytes: no clock, no random id.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from report import figures, formats
from report.effects import estimates
from report.findings import dynamics, headline_event_set
from report.inputs import ArchiveSource, InputError, Inputs, Row, Tables
from report.page import compose
from report.sheet import Page

__all__ = ["ArchiveSource", "InputError", "Inputs", "SiteSummary", "build", "event_study_previews"]

_TEMPLATES = Path(__file__).with_name("templates")
_FILTERS = (
    formats.number, formats.count, formats.amount, formats.percent, formats.share, formats.p_value,
    formats.rank, formats.size, formats.day, formats.period, formats.listed, formats.warnings, formats.times,
)  # fmt: skip


@dataclass(frozen=True)
class SiteSummary:
    """What was built: the page, its one-line answer, and sizes in bytes."""

    index: Path
    headline: str
    outcomes: int
    tested: int
    figures: int
    files: int
    bytes: int


def build(inputs: Inputs, output: Path) -> SiteSummary:
    """Write ``index.html``, ``style.css``, ``figures/*.svg`` and ``data/*.csv`` into ``output``.

    ``output`` is replaced whole. Raises InputError for a table without a column the page reads.
    """
    page = compose(inputs)
    fresh, old = (output.with_name(f".{output.name}.{word}") for word in ("new", "old"))
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    written = _files(page)
    for name, content in written.items():
        _write(fresh / name, content)
    if output.exists():
        output.rename(old)
    fresh.rename(output)
    shutil.rmtree(old, ignore_errors=True)
    return SiteSummary(
        index=output / "index.html",
        headline=page.context["headline"],
        outcomes=len(page.context["findings"]),
        tested=len(page.context["tested"]),
        figures=len(page.figures),
        files=len(written),
        bytes=sum(len(content) for content in written.values()),
    )


def event_study_previews(inputs: Inputs) -> dict[str, bytes]:
    """The event study of every tested outcome as PNG, by outcome: for interfaces that show no page."""
    rows = estimates(Tables(inputs))
    event_set = headline_event_set(rows)
    pooled = {
        outcome: dynamics(rows, outcome, event_set) for outcome in sorted({row.outcome for row in rows})
    }
    return {
        outcome: figures.event_study_png(chosen, outcome, origin=inputs.origin)
        for outcome, chosen in pooled.items()
        if any(row.is_ranked for row in chosen)
    }


def _files(page: Page) -> dict[str, bytes]:
    """Every file of the site by its relative name."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({filter_.__name__: filter_ for filter_ in _FILTERS})
    environment.filters["web"] = formats.web_addresses
    html = environment.get_template("index.html.jinja").render(page.context)
    return {
        "index.html": html.encode(),
        "style.css": (_TEMPLATES / "style.css").read_bytes(),
        **{f"figures/{name}": text.encode() for name, text in page.figures.items()},
        **{f"data/{name}": _csv(rows) for name, rows in page.data.items() if rows},
    }


def _csv(rows: list[Row]) -> bytes:
    """Rows as CSV, numbers to six figures; the exact ones are in the Parquet files the captions name."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """A cell; text that a spreadsheet would run as a formula starts with an apostrophe instead."""
    if isinstance(value, float):
        return f"{value:.6g}"
    runs = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if runs else value


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
