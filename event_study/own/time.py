"""Days, timestamps, months and years of a panel's time column as the first days of its periods.

Not here: what a period is (``periods``), two rows of one period (``own_panel``).
"""

from __future__ import annotations

import re
from datetime import date, datetime

import pandas as pd

from event_study.errors import PanelError

PANDAS = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
SIZES = ("week", "month", "quarter", "year")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ].+")
WRITTEN = {  # what names a whole period, and the period's size
    "week": re.compile(r"(?P<year>\d{4})-?W(?P<week>\d{2})"),
    "month": re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})"),
    "quarter": re.compile(r"(?P<year>\d{4})[- ]?Q(?P<quarter>[1-4])"),
    "year": re.compile(r"(?P<year>\d{4})"),
}
EXAMPLES = {"week": "2020-W05", "month": "2020-02", "quarter": "2020-Q1", "year": "2020"}


def first_days(values: pd.Series, column: str, frequency: str) -> pd.Series:
    """The first day of the period that each cell lies in, as dates; weeks begin on Monday.

    Reads dates, timestamps (their own clock's day), pandas periods, and text: a day (2020-02-01), a
    period of this size or a smaller one (2020-02, 2020-Q1, 2020-W05, 2020). A number is a year. Raises
    ``PanelError`` for anything else.
    """
    if values.isna().any():
        row = int(values.isna().to_numpy().argmax())
        raise PanelError(f"{column}: is empty in row {row + 1}, expected {_expected(frequency)}; fill it")
    if isinstance(values.dtype, pd.PeriodDtype):
        days = values.dt.start_time
    elif pd.api.types.is_datetime64_any_dtype(values):
        days = values.dt.tz_localize(None)
    else:
        cells = values.astype(object)
        day_of = {}
        for cell in cells.unique():
            day = _day(cell, frequency)
            if day is None:
                row = int((cells == cell).to_numpy().argmax())
                raise PanelError(
                    f"{column}: is {cell!r} in row {row + 1}, expected {_expected(frequency)}; correct the "
                    "panel, or panel.time or panel.frequency"
                )
            day_of[cell] = day
        days = pd.to_datetime(cells.map(day_of))
    first: pd.Series = days.dt.to_period(PANDAS[frequency]).dt.start_time.dt.date
    return first


def _expected(frequency: str) -> str:
    return f"a day (2020-02-01) or a {frequency} ({EXAMPLES[frequency]})"


def _day(cell: object, frequency: str) -> date | None:
    """Some day of the cell's period, or None where the cell names none."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell).strip().removesuffix(".0")
    try:
        if DAY.fullmatch(text) or STAMP.fullmatch(text):
            return datetime.fromisoformat(text).date()
        for size in SIZES[: SIZES.index(frequency) + 1]:
            if found := WRITTEN[size].fullmatch(text):
                return _first_day(size, {name: int(value) for name, value in found.groupdict().items()})
    except ValueError:  # no such day in the calendar
        return None
    return None


def _first_day(size: str, parts: dict[str, int]) -> date:
    if size == "week":
        return date.fromisocalendar(parts["year"], parts["week"], 1)
    month = parts.get("month", 3 * parts.get("quarter", 1) - 2)
    return date(parts["year"], month, 1)
