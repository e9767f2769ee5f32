"""``chokepoint estimate``: the event study on anyone's panel. No home, no pipeline, no gate.

Here: reading the two files, printing, writing the tables. Not here: what is checked and estimated
(``event_study.own.panel``).
"""

from __future__ import annotations

import io
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from orchestration.command.terminal import table
from orchestration.errors import UserError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from event_study.own.panel import OwnStudy
    from event_study.own.spec import OwnSpec
    from event_study.specs.glossary import Glossary

TABLES = ("identification", "estimates", "diagnostics", "placebos")
NUMBERS = ("estimate", "ci_low", "ci_high")
SMALLEST, LARGEST = 6, 10  # decimals, and digits before them, beyond which a number has a power of ten
WIDTH = 118  # of what is not printed on a terminal
Row = Mapping[str, Any]


def estimate(spec: Path, panel: Path, out: Path | None, as_json: bool) -> None:
    """Read both files, estimate, print, and write the tables where they are asked for.

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
    written = _write(study, out) if out is not None else []
    if as_json:
        sys.stdout.write(json.dumps(_content(own, study, written), indent=1) + "\n")
    else:
        console = Console()
        if not console.is_terminal:
            console.width = max(console.width, WIDTH)
        _print(console, own, study, written)


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

    made = {"identification": study.identification, **vars(study.tables)}
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
        "written": list(written),
    }


def _print(console: Console, own: OwnSpec, study: OwnStudy, written: Sequence[str]) -> None:
    from event_study.errors import plural
    from event_study.own.panel import noun_of
    from event_study.specs.glossary import load_glossary

    noun = noun_of(own.panel.unit)
    words = load_glossary(unit=noun, units=plural(noun))
    _print_reading(console, own, study)
    identified = _rows(study.identification)
    table(console, "What the panel can carry",
          ("event set", "verdict", "before", "after", "donors", "reason"),
          [(r["event_set"], words.title("status", r["status"]), r["pre_periods"], r["post_periods"],
            r["donors_carrying"], r["reason"]) for r in identified])  # fmt: skip
    estimates = _rows(study.tables.estimates)
    computed = sorted((row for row in estimates if row["estimate"] is not None), key=_reading_order)
    _print_estimates(console, own, computed, words)
    _print_terms(console, computed, words)
    reasons = {row["event_set"]: row["reason"] for row in identified}
    others = [r for r in estimates if r["estimate"] is None and r["reason"] != reasons[r["event_set"]]]
    if others:
        table(console, "Not estimated", ("event set", "term", "trend", "reason"),
              [(r["event_set"], r["term"], words.short("trend", r["trend"]), r["reason"])
               for r in others])  # fmt: skip
    warned = _warned(computed, words)
    if warned:
        table(console, "Warnings", ("warning", "rows", "meaning"), warned)
    if written:
        console.print()
        console.print(f"tables: {', '.join(written)}", highlight=False, soft_wrap=True)


def _reading_order(row: Row) -> tuple[str, int, int, str]:
    """By event set; steps and averages first, then leads and lags by their distance, then the rest."""
    term = row["term"]
    lag = int(term[2:]) if term.startswith("k=") else 0
    place = 1 if term.startswith("k=") else 2 if term == "pre_trend" else 0
    return row["event_set"], place, lag, row["estimate_id"]


def _warned(rows: Sequence[Row], words: Glossary) -> list[tuple[str, str, str]]:
    """A line a warning: how many rows have it, and what it says."""
    counts = Counter(note for row in rows if row["warnings"] for note in row["warnings"].split("; "))
    return [
        (note, f"{count} of {len(rows)}", "; ".join(words.warnings(note).values()))
        for note, count in counts.items()
    ]


def _print_reading(console: Console, own: OwnSpec, study: OwnStudy) -> None:
    from event_study.errors import plural
    from event_study.own.panel import noun_of

    read, columns = study.reading, own.panel
    console.print(f"{own.id}: {own.title}".removesuffix(": "), style="bold", highlight=False)
    units = plural(noun_of(columns.unit))
    parts = [
        f"{read.rows:,} rows, {read.units:,} {units}, {read.periods:,} {columns.frequency}s"
        f" from {read.first} to {read.last}"
    ]
    parts += [f"{read.outside_window:,} rows outside the window"] * bool(read.outside_window)
    parts += [f"{read.unknown:,} values unknown"] * bool(read.unknown)
    parts += [f"{read.incomplete:,} rows incomplete"] * bool(read.incomplete)
    console.print("; ".join(parts), highlight=False)
    if read.holes:
        more = f" and {len(read.holes) - 10} more" if len(read.holes) > 10 else ""
        console.print(f"nobody has {', '.join(read.holes[:10])}{more}", highlight=False)
    for aside in read.asides:
        console.print(aside, highlight=False)
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


def _print_estimates(console: Console, own: OwnSpec, rows: Sequence[Row], words: Glossary) -> None:
    """Estimate, set, p, floor, donors, base and effect; what is the same in every row is in the title."""
    if not rows:
        return
    is_conventional = own.as_spec().family == "replication"
    is_level = own.panel.estimator == "ols"
    numbers = [_formatter([row[name] for name in NUMBERS], least=0 if is_level else 3) for row in rows]
    base = _formatter(row["base_mean"] for row in rows)
    share, kind = f"{100 * (1 - own.alpha):g} %", "interval" if is_conventional else "set"
    cells: dict[str, list[Any]] = {
        "event set": [row["event_set"] for row in rows],
        "term": [row["term"] for row in rows],
        "trend": [words.short("trend", row["trend"]) for row in rows],
        "estimate": [number(row["estimate"]) for row, number in zip(rows, numbers, strict=True)],
        f"{share} {kind}": [
            "none" if row["ci_low"] is None else f"{number(row['ci_low'])} to {number(row['ci_high'])}"
            for row, number in zip(rows, numbers, strict=True)
        ],
        "p": [_p(row["p_value"]) for row in rows],
        "floor": [_p(row["p_floor"]) for row in rows],
        "donors": [row["donors"] for row in rows],
        "base mean": ["–" if row["base_mean"] is None else base(row["base_mean"]) for row in rows],
        "effect": ["–" if row["percent_effect"] is None else _percent(row["percent_effect"]) for row in rows],
        "test": ["none" if row["p_value"] is None else row["inference"] for row in rows],
    }
    title = [
        f"{own.panel.treated} against its donors",
        "in the outcome's units" if is_level else "log points",
    ]
    for name in ("event set", "test"):
        if len(set(cells[name])) == 1:
            only = cells.pop(name)[0]
            title.append("no test" if only == "none" else f"{name} {only}")
    right = ("estimate", "p", "floor", "base mean", "effect")
    columns = {name: _right(values) if name in right else values for name, values in cells.items()}
    table(
        console, f"{'Conventional errors' if is_conventional else 'Estimates'}: {', '.join(title)}",
        list(columns), list(zip(*columns.values(), strict=True)),
        caption=words.sentence("inference", own.inference) if is_conventional else None,
    )  # fmt: skip


def _print_terms(console: Console, rows: Sequence[Row], words: Glossary) -> None:
    """What each term of the estimates is."""
    named = dict.fromkeys("k=" if row["term"].startswith("k=") else row["term"] for row in rows)
    sentences = {name: words.sentence("term", "dynamics" if name == "k=" else name) for name in named}
    if sentences:
        table(console, "Terms", ("term", "what it is"), list(sentences.items()))


def _p(value: float | None) -> str:
    """Three decimals; four below 0.001, for ranks among thousands."""
    if value is None or value < 0.0001:
        return "–" if value is None else "<0.0001"
    return f"{value:.3f}" if value >= 0.001 else f"{value:.4f}"


def _formatter(values: Iterable[float | None], least: int = 0) -> Callable[[float], str]:
    """Three digits of the largest value, ``least`` decimals; a power of ten where zeros would hide them."""
    largest = max((abs(value) for value in values if value), default=1.0)
    places = 2 - math.floor(math.log10(largest))
    if not -LARGEST <= places <= SMALLEST:
        return lambda value: f"{value:.2e}"
    return _places(max(least, places, 0))


def _places(places: int) -> Callable[[float], str]:
    """Thousands marked, and no minus before a zero."""
    return lambda value: f"{round(value, places) + 0.0:,.{places}f}"


def _percent(share: float) -> str:
    return f"{round(100 * share, 1) + 0.0:+,.1f} %"


def _right(cells: Sequence[str]) -> list[str]:
    width = max(map(len, cells))
    return [cell.rjust(width) for cell in cells]
