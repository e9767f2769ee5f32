"""``chokepoint estimate``: the event study on anyone's panel. No home, no pipeline, no gate.

Here: reading the two files, printing, writing the tables. Not here: what is checked and estimated
(``event_study.own.panel``).
"""

from __future__ import annotations

import io
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from orchestration.command.pictures import check_target, draw, said
from orchestration.command.study_tables import (
    Row,
    StudyRows,
    print_beside,
    print_estimates,
    print_leads,
    print_terms,
    print_weights,
)
from orchestration.command.terminal import judged, table
from orchestration.errors import UserError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from event_study.own.panel import OwnStudy
    from event_study.own.spec import OwnSpec
    from event_study.specs.glossary import Glossary

TABLES = ("identification", "estimates", "diagnostics", "placebos")
NAMED_DETAILS = 10  # of a warning: a unit, an event, a count
WIDTH = 118  # of what is not printed on a terminal, where no width is asked for


def estimate(spec: Path, panel: Path, out: Path | None, plot: Path | None, as_json: bool) -> None:
    """Read both files, estimate, print, and write tables and pictures where they are asked for.

    Raises:
        UserError: a file, spec or panel the user can mend, in one line.
    """
    for field, path in (("spec", spec), ("panel", panel)):
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "no such file"
            near = did_you_mean(path.name, [file.name for file in path.parent.glob("*")])
            raise UserError(f"{field}: {path}: {what}{near}, expected a file; give its path")
    reader = READERS.get(panel.suffix.lower())
    if reader is None:
        raise UserError(
            f"panel: {panel.name}: ends in {panel.suffix or 'nothing'}, expected "
            f"{' or '.join(READERS)}; convert it"
        )
    if out is not None and out.exists() and not out.is_dir():
        raise UserError(f"out: {out}: is a file, expected a folder; give another")
    check_target(plot)

    from event_study.errors import EventStudyError, SpecError
    from event_study.own.panel import study_of
    from event_study.own.spec import load_own_spec

    try:
        own = load_own_spec(spec)
    except SpecError as error:
        raise UserError(str(error)) from None
    try:
        study = study_of(reader(panel, own), own)
    except SpecError as error:
        raise UserError(f"{spec.name}: {error}") from None
    except EventStudyError as error:
        raise UserError(f"{panel.name}: {type(error).__name__}: {error}") from None
    rows = _study_rows(own, study)
    written = _write(study, out) if out is not None else []
    pictures, missing = draw(rows, plot) if plot is not None else ([], [])
    if as_json:
        content = _content(own, study, written) | {"pictures": pictures, "not_drawn": missing}
        sys.stdout.write(json.dumps(content, indent=1) + "\n")
    else:
        console = Console()
        if not console.is_terminal and not os.environ.get("COLUMNS"):
            console.width = max(console.width, WIDTH)
        _print(console, own, rows)
        files = [f"tables: {', '.join(written)}"] if written else []
        for line in [*study.notes, *files, *said(pictures, missing)]:
            console.print(f"\n{line}", highlight=False, markup=False, soft_wrap=True)


def _read_parquet(path: Path, own: OwnSpec) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from event_study.own.reading import check_columns

    try:
        with pq.ParquetFile(path) as file:
            check_columns(file.schema_arrow.names, own.panel)
            frame: pd.DataFrame = file.read(list(own.panel.columns.values())).to_pandas()
    except pa.ArrowException as error:
        said = " ".join(str(error).split())
        raise UserError(f"{path.name}: no Parquet file ({said}); write it again") from None
    return frame.reset_index() if set(own.panel.columns.values()) & set(frame.index.names) else frame


def _read_csv(path: Path, own: OwnSpec) -> pd.DataFrame:
    """Cells as they are written: NA is Namibia until a number is asked for, and a row with a cell too
    many (an amount with a comma) is a fault, not a row cut short."""
    import pyarrow as pa
    from pyarrow import csv

    from event_study.own.reading import check_columns

    parsed = csv.ParseOptions(newlines_in_values=True)
    try:
        with csv.open_csv(path, parse_options=parsed) as opened:
            names = opened.schema.names
        check_columns(names, own.panel)
        read = csv.read_csv(
            path,
            parse_options=parsed,
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                include_columns=list(own.panel.columns.values()),
            ),
        )
    except pa.ArrowException as error:
        said = " ".join(str(error).split())
        raise UserError(
            f"{path.name}: no CSV ({said}), expected UTF-8, a header, and as many cells in every row; "
            "correct it"
        ) from None
    frame: pd.DataFrame = read.to_pandas()
    return frame


READERS = {".parquet": _read_parquet, ".csv": _read_csv}


def _write(study: OwnStudy, out: Path) -> list[str]:
    """The contract's tables of this study, each by temporary name and rename."""
    import pyarrow.parquet as pq

    from dlt_sources.atomic import write_atomically
    from event_study.own.panel import ORIGIN
    from event_study.schemas import to_arrow

    made = {"identification": study.identification, **vars(study.both)}
    written = []
    for name in TABLES:
        buffer, path = io.BytesIO(), out / f"{name}.parquet"
        content = to_arrow(name, made[name])
        content = content.replace_schema_metadata(content.schema.metadata | {"origin": ORIGIN})
        pq.write_table(content, buffer, compression="zstd")
        write_atomically(path, buffer.getvalue())
        written.append(str(path))
    return written


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Records of plain values: null for what is not there, days as text."""
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _content(own: OwnSpec, study: OwnStudy, written: Sequence[str]) -> dict[str, Any]:
    """Everything that is printed, as plain data (``--json``)."""
    return {
        "spec": own.model_dump(mode="json"),
        "read": asdict(study.reading),
        "left_out": [asdict(one) for one in study.dropped],
        "identification": _rows(study.identification),
        "estimates": _rows(study.tables.estimates),
        "diagnostics": _rows(study.tables.diagnostics),
        "further": {
            "estimates": _rows(study.further.estimates),
            "diagnostics": _rows(study.further.diagnostics),
            "notes": list(study.notes),
        },
        "written": list(written),
    }


def _print(console: Console, own: OwnSpec, rows: StudyRows) -> None:
    from event_study.errors import plural
    from event_study.own.panel import noun_of
    from event_study.specs.glossary import load_glossary

    noun, study = noun_of(own.panel.unit), rows.study
    words = load_glossary(unit=noun, units=plural(noun))
    _print_reading(console, own, study)
    identified = _rows(study.identification)
    table(console, "What the panel can carry",
          ("event set", "verdict", "before", "after", "donors", "reason"),
          [(r["event_set"], words.title("status", r["status"]), r["pre_periods"], r["post_periods"],
            r["donors_carrying"], judged(r)) for r in identified])  # fmt: skip
    print_estimates(console, rows, words)
    print_leads(console, rows, words)
    print_beside(console, rows, words)
    print_weights(console, rows)
    reasons = {row["event_set"]: row["reason"] for row in identified}
    missing = [(r["event_set"], r["term"], r) for r in _rows(study.tables.estimates)]
    missing += [(r["event_set"], rows.named(r), r) for r in _rows(study.further.estimates)]
    others = [
        (name, term, words.short("trend", row["trend"]), row["reason"])
        for name, term, row in missing
        if row["estimate"] is None and row["reason"] != reasons.get(name)
    ]
    if others:
        table(console, "Not estimated", ("event set", "term", "trend", "reason"), others)
    print_terms(console, rows, words)
    beside = [row for row in rows.further if row["family"] != "placebo"]
    if warned := _warned([*rows.asked, *beside], words):
        table(console, "Warnings", ("warning", "rows", "meaning"), warned)


def _study_rows(own: OwnSpec, study: OwnStudy) -> StudyRows:
    tables = (study.tables, study.further)
    asked, further = (
        sorted((row for row in _rows(made.estimates) if row["estimate"] is not None), key=_reading_order)
        for made in tables
    )
    diagnostics: dict[str, list[Row]] = {}
    for row in (row for made in tables for row in _rows(made.diagnostics)):
        diagnostics.setdefault(row["estimate_id"], []).append(row)
    return StudyRows(own, study, asked, further, diagnostics)


def _reading_order(row: Row) -> tuple[str, int, str]:
    """By event set; steps and averages first, the slope before last."""
    return row["event_set"], row["term"] == "pre_trend", row["estimate_id"]


def _warned(rows: Sequence[Row], words: Glossary) -> list[tuple[str, str, str]]:
    """A line a warning, however many details it has: how many rows have it, and what it says."""
    details: dict[str, dict[str, None]] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        notes = row["warnings"].split("; ") if row["warnings"] else []
        for note in notes:
            details.setdefault(note.partition("(")[0], {})[note] = None
        counts.update({note.partition("(")[0] for note in notes})
    lines = []
    for name, notes in details.items():
        shown, more = list(notes)[:NAMED_DETAILS], len(notes) - NAMED_DETAILS
        said = "; ".join(words.warnings("; ".join(shown)).values())
        others = f" and {more} more (all of them: --json)" if more > 0 else ""
        label = shown[0] if len(notes) == 1 else name
        lines.append((label, f"{counts[name]} of {len(rows)}", said + others))
    return lines


def _print_reading(console: Console, own: OwnSpec, study: OwnStudy) -> None:
    from event_study.errors import plural
    from event_study.own.panel import noun_of

    read, columns = study.reading, own.panel
    console.print(f"{own.id}: {own.title}".removesuffix(": "), style="bold", highlight=False, markup=False)
    noun = noun_of(columns.unit)
    units = f"{read.units:,} {noun if read.units == 1 else plural(noun)}"
    parts = [
        f"{read.rows:,} rows, {units}, {read.periods:,} {columns.frequency}s from {read.first} to {read.last}"
    ]
    parts += [f"{read.outside_window:,} rows outside the window"] * bool(read.outside_window)
    parts += [f"{read.unknown:,} values unknown"] * bool(read.unknown)
    parts += [f"{read.incomplete:,} rows incomplete"] * bool(read.incomplete)
    console.print("; ".join(parts), highlight=False, markup=False)
    if read.holes:
        more = f" and {len(read.holes) - 10} more" if len(read.holes) > 10 else ""
        console.print(f"nobody has {', '.join(read.holes[:10])}{more}", highlight=False, markup=False)
    for aside in read.asides:
        console.print(aside, highlight=False, markup=False)
    if study.dropped:
        lines = _merged(study)
        table(console, "Left out", ("what", "why", "which"), lines)


def _merged(study: OwnStudy) -> list[tuple[str, str, str]]:
    """A line a kind and reason, whatever event set it was left out of; at most ten names."""
    several = len(study.identification) > 1
    groups: dict[tuple[str, str], list[str]] = {}
    for one in study.dropped:
        groups.setdefault((one.kind, one.why), [])
        name = f"{one.name} ({one.event_set})" if several else one.name
        groups[one.kind, one.why].append(name)
    lines = []
    for (kind, why), names in groups.items():
        more = f" and {len(names) - 10} more (all of them: --json)" if len(names) > 10 else ""
        counted = f"{len(names)} {kind}{'s' * (len(names) > 1)}"
        lines.append((counted, why, ", ".join(names[:10]) + more))
    return lines
