"""Days, timestamps, months and years of a panel's time column as the first days of its periods.

How they were read is said aloud where another reading is possible (``asides``). Not here: what a period
is (``periods``), two rows of one period (``reading``).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd

from event_study.errors import PanelError
from event_study.periods import period_name

PANDAS = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
MAX_CLOCKS = 2  # a time zone's midnight has two times on another clock, in summer and in winter
SIZES = ("week", "month", "quarter", "year")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ].+")
WRITTEN = {  # what names a whole period, and the period's size
    "week": re.compile(r"(?P<year>\d{4})-?W(?P<week>\d{2})"),
    "month": re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})"),
    "quarter": re.compile(r"(?P<year>\d{4})[- ]?Q(?P<quarter>[1-4])"),
    "year": re.compile(r"(?P<year>\d{4})"),
}
ISO_WEEKS = ", weeks counted from that of 4 January (%G-W%V writes them)"
EXAMPLES = {"week": "2020-W05", "month": "2020-02", "quarter": "2020-Q1", "year": "2020"}


def first_days(values: pd.Series, column: str, frequency: str, time_zone: str | None = None) -> pd.Series:
    """The first day of the period that each cell lies in, as dates; weeks begin on Monday (ISO 8601).

    Reads dates, timestamps (the day on their own clock, or on that of ``time_zone``), pandas periods, and
    text: a day (2020-02-01), a period of this size or a smaller one (2020-02, 2020-Q1, 2020-W05, 2020). A
    number is a year. Raises ``PanelError`` for anything else.
    """
    days = pd.to_datetime(_moments(values, column, frequency, time_zone).dt.date)
    first: pd.Series = days.dt.to_period(PANDAS[frequency]).dt.start_time.dt.date
    return first


def asides(values: pd.Series, column: str, frequency: str, time_zone: str | None = None) -> tuple[str, ...]:
    """What a reader must know of how ``first_days`` read these cells, a sentence each: days that begin
    elsewhere than at midnight, weeks that begin elsewhere than on Monday."""
    cells = values.drop_duplicates()
    moments = _moments(cells, column, frequency, time_zone)
    clocks = sorted({f"{moment:%H:%M}" for moment in moments})
    if clocks != ["00:00"] and len(clocks) <= MAX_CLOCKS:
        off = int((moments != moments.dt.normalize()).to_numpy().argmax())
        return (
            f"{column}: times of day are {' or '.join(clocks)}, which may be midnights of another time zone: "
            f"{cells.iloc[off]} was read as {_read_as(moments.iloc[off], frequency)}; where days of that "
            "zone are meant, give panel.time_zone (Europe/Paris, for instance)",
        )
    weekdays = {moment.weekday() for moment in moments}
    if frequency == "week" and len(weekdays) == 1 and weekdays != {0}:
        return (
            f"{column}: every day is a {moments.iloc[0]:%A}, and weeks begin on Monday: {cells.iloc[0]} was "
            f"read as {_read_as(moments.iloc[0], frequency)}; where other weeks are meant, shift the days",
        )
    return ()


def _read_as(moment: datetime, frequency: str) -> str:
    return period_name(pd.Period(moment, PANDAS[frequency]).start_time.date(), frequency)


def _moments(values: pd.Series, column: str, frequency: str, time_zone: str | None) -> pd.Series:
    """Each cell as a timestamp on its own clock, or on that of ``time_zone``; a period as its first day."""
    if values.isna().any():
        row = int(values.isna().to_numpy().argmax())
        raise PanelError(f"{column}: is empty in row {row + 1}, expected {_expected(frequency)}; fill it")
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.start_time
    cells = values.astype(object)
    moment_of = {}
    for cell in cells.unique():
        moment = _moment(cell, frequency)
        if moment is not None and time_zone is not None:
            moment = moment.astimezone(ZoneInfo(time_zone)) if moment.tzinfo else None
        if moment is None:
            row = int((cells == cell).to_numpy().argmax())
            said = repr(cell if isinstance(cell, str | int | float) else str(cell))
            weeks = ISO_WEEKS if frequency == "week" and "W" in said else ""
            raise PanelError(
                f"{column}: is {said} in row {row + 1}, expected {_expected(frequency, time_zone)}{weeks}; "
                "correct the panel, or panel.time or panel.frequency"
            )
        moment_of[cell] = moment.replace(tzinfo=None)
    moments: pd.Series = pd.to_datetime(cells.map(moment_of))
    return moments


def _expected(frequency: str, time_zone: str | None = None) -> str:
    if time_zone is not None:
        return f"an instant with its offset (2020-02-01T00:00Z), for panel.time_zone is {time_zone}"
    return f"a day (2020-02-01) or a {frequency} ({EXAMPLES[frequency]})"


def _moment(cell: object, frequency: str) -> datetime | None:
    """The cell's own time, or the first of its period, or None where the cell names none."""
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    text = str(cell).strip().removesuffix(".0")
    try:
        if DAY.fullmatch(text) or STAMP.fullmatch(text):
            return datetime.fromisoformat(text)
        for size in SIZES[: SIZES.index(frequency) + 1]:
            if found := WRITTEN[size].fullmatch(text):
                first = _first_day(size, {name: int(value) for name, value in found.groupdict().items()})
                return datetime(first.year, first.month, first.day)
    except ValueError:  # no such day in the calendar
        return None
    return None


def _first_day(size: str, parts: dict[str, int]) -> date:
    if size == "week":
        return date.fromisocalendar(parts["year"], parts["week"], 1)
    month = parts.get("month", 3 * parts.get("quarter", 1) - 2)
    return date(parts["year"], month, 1)
