"""What the calendar does to a panel: holidays of China and the United States, and changes of clocks.

A holiday week is the run of days off around a holiday, ended by working days and by make-up working
weekends. Public holidays are those of the ``holidays`` package (China: the State Council's yearly
notice where it is out, by rule for later years), clocks those of the time-zone database. Not here:
which periods an outcome has (``panel``), lags and bins (``periods``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from event_study.errors import Note, SpecError
from event_study.periods import last_days, ordinals

if TYPE_CHECKING:
    from holidays import HolidayBase

CLOCKS = {"us_dst": "America/New_York", "eu_dst": "Europe/Brussels"}
CHINESE = ("golden_week", "lunar_new_year")
HOLIDAY_WEEKS = (*CHINESE, "thanksgiving", "christmas")
HOLIDAY_WEEKS_OF = {"CN": CHINESE, "US": ("thanksgiving", "christmas")}
LONGEST = 366  # days of the longest period
DAY = timedelta(1)


@lru_cache(maxsize=256)
def _public(country: str, year: int) -> HolidayBase:
    import holidays  # half a second to import, and only this module needs it

    # named in English whatever the locale: the Spring Festival is found by its name
    return holidays.country_holidays(country, years=year, expand=False, language="en_US")


def is_holiday(country: str, day: date) -> bool:
    """Whether a day is a public holiday, or a weekday given off for one."""
    return day in _public(country, day.year)


def is_make_up(country: str, day: date) -> bool:
    """Whether a day of the weekend is worked in exchange for a day off."""
    return day in _public(country, day.year).weekend_workdays


def is_off(country: str, day: date) -> bool:
    """Whether a day is not worked: a public holiday or a weekend that is not made up for."""
    return (is_holiday(country, day) or day.weekday() >= 5) and not is_make_up(country, day)


@lru_cache(maxsize=256)
def holiday_week(name: str, year: int) -> tuple[date, date]:
    """First and last day of a holiday week: the run of days off around its nominal days.

    Nominal are 1 to 7 October (``golden_week``), the eve of the Lunar New Year to the sixth day of it
    (``lunar_new_year``), Thanksgiving Thursday to Sunday (``thanksgiving``), 24 December to 1 January
    (``christmas``); a make-up working day ends the run even among them. Raises ``SpecError`` for
    another name.
    """
    country = "CN" if name in CHINESE else "US"
    start, length = _nominal(name, year)

    def rests(day: date) -> bool:
        nominal = start <= day < start + length * DAY
        return (nominal or is_off(country, day)) and not is_make_up(country, day)

    # grown from the second nominal day, which is never made up for
    first = last = start + DAY
    while rests(first - DAY):
        first -= DAY
    while rests(last + DAY):
        last += DAY
    return first, last


def _nominal(name: str, year: int) -> tuple[date, int]:
    """First of a holiday week's nominal days, and how many they are."""
    if name == "golden_week":
        return date(year, 10, 1), 7
    if name == "lunar_new_year":
        return _named("CN", year, "Chinese New Year (Spring Festival)") - DAY, 7
    if name == "thanksgiving":
        return _named("US", year, "Thanksgiving Day"), 4
    if name == "christmas":
        return date(year, 12, 24), 9
    raise SpecError(f"holiday week: {name}, expected one of {', '.join(HOLIDAY_WEEKS)}")


def _named(country: str, year: int, name: str) -> date:
    """The first day of a year that the package calls so."""
    return min(day for day, called in _public(country, year).items() if called == name)


@lru_cache(maxsize=65536)  # windows of many panels ask about the same days
def is_in_week(name: str, day: date, within: int = 0) -> bool:
    """Whether a day lies in a holiday week, or within so many days of one."""
    return any(
        first - within * DAY <= day <= last + within * DAY
        for first, last in (holiday_week(name, day.year + step) for step in (-1, 0, 1))
    )


@lru_cache(maxsize=65536)
def is_saving(zone: str, day: date) -> bool:
    """Whether daylight saving time is in force at local noon."""
    return bool(datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).dst())


def clock_changes(zone: str, first: date, last: date) -> list[date]:
    """Days from ``first`` to ``last`` on which the clocks of a zone go forward or back."""
    days = [first + step * DAY for step in range((last - first).days + 1)]
    return [day for day in days if is_saving(zone, day) != is_saving(zone, day - DAY)]


def regressors(days: Sequence[date], frequency: str) -> pd.DataFrame:
    """Shares of the days of each period, one row for each of ``days`` (any day of the period), indexed
    by the period's ordinal.

    ``cn_holiday``, ``us_holiday`` public holidays; ``cn_make_up`` weekend days worked in exchange;
    ``golden_week``, ``lunar_new_year``, ``thanksgiving``, ``christmas`` (``holiday_week``); ``us_dst``
    (New York), ``eu_dst`` (Brussels) daylight saving time at noon.
    """
    all_days, when = _days_of(days, frequency)
    flags = {
        "cn_holiday": [is_holiday("CN", day) for day in all_days],
        "us_holiday": [is_holiday("US", day) for day in all_days],
        "cn_make_up": [is_make_up("CN", day) for day in all_days],
        **{name: [is_in_week(name, day) for day in all_days] for name in HOLIDAY_WEEKS},
        **{name: [is_saving(zone, day) for day in all_days] for name, zone in CLOCKS.items()},
    }
    shares = pd.DataFrame(flags).astype(float).groupby(when).mean()
    shares.index.name = frequency
    return shares.loc[ordinals(days, frequency)]


def donut(days: Sequence[date], frequency: str, within: int, names: Sequence[str] = CHINESE) -> np.ndarray:
    """Mask of the periods to drop: those with a day in a holiday week or within ``within`` days of one."""
    all_days, when = _days_of(days, frequency)
    near = [any(is_in_week(name, day, within) for name in names) for day in all_days]
    return np.asarray(np.isin(ordinals(days, frequency), when[np.asarray(near)]))


def holiday_in_reference(
    days: Sequence[date], frequency: str, reference: tuple[int, int], names: Sequence[str] = CHINESE
) -> Note | None:
    """``HolidayInReference`` when a panel's reference window has a day of a holiday week.

    ``days`` are the panel's periods, ``reference`` the ordinals of the window's first and last period
    (``periods.ordinals``); a period that the panel has dropped does not count.
    """
    first, last = reference
    when = ordinals(days, frequency).tolist()
    window = [day for day, own in zip(days, when, strict=True) if first <= own <= last]
    if not window:
        return None
    has_holiday = any(is_in_week(name, day) for day in _days_of(window, frequency)[0] for name in names)
    return Note.HOLIDAY_IN_REFERENCE if has_holiday else None


def _days_of(days: Sequence[date], frequency: str) -> tuple[list[date], np.ndarray]:
    """Every day of the periods that ``days`` lie in, ascending, with its period's ordinal."""
    first = min(days) - LONGEST * DAY
    last: date = last_days([max(days)], frequency)[0].item()
    every = [first + step * DAY for step in range((last - first).days + 1)]
    when = ordinals(every, frequency)
    inside = np.isin(when, ordinals(days, frequency))
    return [day for day, ours in zip(every, inside, strict=True) if ours], when[inside]
