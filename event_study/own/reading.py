"""Rows of anyone's panel as a study reads them: unit, first day of the period, value, whether complete.

What cannot be read is a named error; what a reader must know of how it was read stands in ``Reading``.
Not here: how a cell names a period (``time``), what is estimated (``panel``), files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from event_study.errors import DuplicateKey, InfiniteValue, PanelError, SpecError, counted
from event_study.own.spec import PanelColumns
from event_study.own.time import asides, first_days
from event_study.panel.unknown import UNKNOWN
from event_study.periods import ordinals, period_name, period_names

MISSING_MARKS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
TOO_LARGE = 1e150  # its square is no longer a number
TRUTHS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
NAMED_AT_MOST = 20
NONE = "none"
NO_UNIT = "{} stands for what has no certain unit: it is no donor, and bounds say what it may change"


@dataclass(frozen=True)
class Reading:
    """What was read: rows of the panel; of those with a period inside the window, units, periods,
    empty values (``unknown``) and rows marked incomplete. ``first`` and ``last`` period by name, with
    the ``holes`` between them, which nobody has; ``asides`` are sentences on how cells were read."""

    rows: int
    outside_window: int
    units: int
    periods: int
    unknown: int
    incomplete: int
    first: str
    last: str
    holes: tuple[str, ...]
    asides: tuple[str, ...]


def read_panel(df: pd.DataFrame, columns: PanelColumns) -> tuple[pd.DataFrame, Reading]:
    """Rows of country (the unit), period (first day), outcome, value, is_complete, as ``study`` reads
    them, and is_treated, sorted.

    Raises ``SpecError``, ``PanelError``, ``DuplicateKey``, ``InfiniteValue``."""
    check_columns([str(name) for name in df.columns], columns)
    if df.empty:
        raise PanelError("rows: there are none, expected one a unit and period; give another panel")
    df = df.reset_index(drop=True)
    given = df[columns.time]
    complete = pd.Series(True, index=df.index)
    rows = pd.DataFrame(
        {
            "country": _units(df[columns.unit], columns),
            "period": first_days(given, columns.time, columns.frequency, columns.time_zone),
            "outcome": columns.outcome,
            "value": _numbers(df[columns.outcome], columns.outcome),
            "is_complete": _truths(df[columns.complete], columns.complete) if columns.complete else complete,
            "is_treated": _truths(df[columns.treatment], columns.treatment) if columns.treatment else False,
        }
    )
    _check_keys(rows, given, columns)
    _check_spacing(rows, columns)
    inside = inside_window(rows, columns)
    wrong = inside[~(inside["value"].abs() <= TOO_LARGE) & inside["value"].notna()]
    if len(wrong):
        first = wrong.sort_values(["period", "country"]).iloc[0]
        what = "infinite" if np.isinf(first["value"]) else f"{first['value']:g}, too large to be squared"
        raise InfiniteValue(
            f"{columns.outcome}: {first['country']} is {what} in {when(first['period'], columns)}, "
            f"expected a number or an empty cell ({counted(len(wrong), 'such row')}); correct the panel"
        )
    first_period, last_period, holes = _periods(inside, columns)
    reading = Reading(
        rows=len(rows),
        outside_window=len(rows) - len(inside),
        units=inside["country"].nunique(),
        periods=inside["period"].nunique(),
        unknown=int(inside["value"].isna().sum()),
        incomplete=int((~inside["is_complete"]).sum()),
        first=first_period,
        last=last_period,
        holes=holes,
        asides=(
            *asides(given, columns.time, columns.frequency, columns.time_zone),
            *([NO_UNIT.format(columns.unknown)] if (inside["country"] == UNKNOWN).any() else ()),
        ),
    )
    return rows.sort_values(["period", "country"], ignore_index=True), reading


def _units(values: pd.Series, columns: PanelColumns) -> pd.Series:
    """Names of units, that of the unknown as a study writes it. Raises ``SpecError``."""
    units = _names(values, columns.unit)
    if columns.unknown == UNKNOWN:
        return units
    for name, fault in (
        (columns.unknown, "is no unit"),
        (UNKNOWN, "is a unit, and stands for the unknown too,"),
    ):
        if (units == name).any() != (name == columns.unknown):
            raise SpecError(
                f"panel.unknown: {name!r} {fault} of column {columns.unit}, expected one of "
                f"{listed(sorted(set(units)))}; correct the name"
            )
    return units.mask(units == columns.unknown, UNKNOWN)


def check_columns(names: Sequence[str], columns: PanelColumns) -> None:
    """Raises ``SpecError`` for a column that a panel of these column names lacks, and ``PanelError`` for
    one that it has twice."""
    for field, column in columns.columns.items():
        if column not in names:
            raise SpecError(
                f"panel.{field}: {column!r} is no column of the panel, expected one of "
                f"{listed(names)}; correct the name"
            )
        if (several := names.count(column)) > 1:
            raise PanelError(f"{column}: {several} columns have this name, expected one; rename the others")


def _periods(inside: pd.DataFrame, columns: PanelColumns) -> tuple[str, str, tuple[str, ...]]:
    """First and last period with a value, and those between them in which nobody has one, by name."""
    days = list(inside.loc[inside["value"].notna(), "period"].unique())
    if not days:
        return NONE, NONE, ()
    present = {*ordinals(days, columns.frequency).tolist()}
    first, last = min(present), max(present)
    missing = sorted({*range(first, last)} - present)
    names = period_names([first, last, *missing], columns.frequency)
    return names[0], names[1], tuple(names[2:])


def _names(values: pd.Series, column: str) -> pd.Series:
    """Units as text: 48 and 48.0 are 48."""
    if values.isna().any() or (values.astype(str) == "").any():
        row = int((values.isna() | (values.astype(str) == "")).to_numpy().argmax())
        raise PanelError(f"{column}: is empty in row {row + 1}, expected the name of a unit; name it")
    if pd.api.types.is_float_dtype(values) and (values % 1 == 0).all():
        values = values.astype("int64")
    return values.astype(object).map(str)


def _numbers(values: pd.Series, column: str) -> pd.Series:
    """Values as floats, NaN where the cell is empty; nothing else becomes NaN."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        raise PanelError(f"{column}: holds {values.dtype}, expected numbers; name another column")
    if pd.api.types.is_numeric_dtype(values):
        return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index)
    cells = values.astype(object)
    empty = cells.isna() | cells.map(lambda cell: isinstance(cell, str) and cell.strip() in MISSING_MARKS)
    numbers = pd.to_numeric(cells.mask(empty), errors="coerce").astype(float)
    if (wrong := numbers.isna() & ~empty).any():
        row = int(wrong.to_numpy().argmax())
        raise PanelError(
            f"{column}: is {cells.iloc[row]!r} in row {row + 1}, expected a number or an empty cell "
            f"({counted(int(wrong.sum()), 'such row')}); correct the panel"
        )
    return numbers


def _truths(values: pd.Series, column: str) -> pd.Series:
    truths = values.astype(object).map(lambda cell: TRUTHS.get(str(cell).strip().lower()))
    if truths.isna().any():
        row = int(truths.isna().to_numpy().argmax())
        raise PanelError(
            f"{column}: is {values.iloc[row]!r} in row {row + 1}, expected true or false; correct the panel"
        )
    return truths.astype(bool)


def _check_keys(rows: pd.DataFrame, given: pd.Series, columns: PanelColumns) -> None:
    twice = rows[rows.duplicated(["country", "period"], keep=False)]
    if twice.empty:
        return
    first = twice.sort_values(["period", "country"], kind="stable").iloc[0]
    same = twice[(twice["country"] == first["country"]) & (twice["period"] == first["period"])]
    times = sorted({str(given.iloc[row]) for row in same.index})
    remedy = "keep one of them"
    if len(times) > 1:
        remedy = f"sum or average them to one {columns.frequency} first, or correct panel.frequency"
    raise DuplicateKey(
        f"{columns.time}: {counted(len(same), 'row')} for {first['country']} in "
        f"{when(first['period'], columns)} ({listed(times)}), expected one; {remedy}"
    )


def _check_spacing(rows: pd.DataFrame, columns: PanelColumns) -> None:
    """A panel whose periods all lie several apart is of another frequency than the spec says."""
    when = np.unique(ordinals(list(rows["period"].unique()), columns.frequency))
    apart = int(np.gcd.reduce(np.diff(when))) if len(when) > 2 else 1
    if apart > 1:
        raise PanelError(
            f"{columns.time}: every period begins {counted(apart, columns.frequency)} or more after the one "
            f"before, expected one a {columns.frequency}; correct panel.frequency"
        )


def inside_window(rows: pd.DataFrame, columns: PanelColumns) -> pd.DataFrame:
    return rows if columns.window is None else rows[rows["period"].between(*columns.window)]


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def when(day: date, columns: PanelColumns) -> str:
    """What a sentence calls the period that begins on ``day``."""
    return period_name(day, columns.frequency)
