"""Calendar arithmetic of a panel's periods: ordinals, exposure shares, the grid of leads and lags.

A period is its first day. Not here: which periods an outcome has (``panel``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

import numpy as np

MONDAY = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True)
class Bin:
    """Leads or lags ``first..last`` (periods from the event's own, 0), either end open."""

    first: int | None
    last: int | None

    @property
    def anchor(self) -> int:
        """The finite edge that names the bin: the first lag, or the last lead of the open left end."""
        edge = self.last if self.first is None else self.first
        return 0 if edge is None else edge

    @property
    def name(self) -> str:
        return f"k={self.anchor:+d}"

    def label(self, frequency: str) -> str:
        """How a reader calls it: ``12 to 7 before``, ``0 to 2 after``, ``12 or more after``."""
        if self.first is None or self.last is None:
            return f"{abs(self.anchor)} or more {'before' if self.first is None else 'after'}"
        if self.first == self.last == 0:
            return f"the {frequency} of the event"
        span = f"{abs(self.first)} to {abs(self.last)}" if self.first < self.last else f"{abs(self.first)}"
        return f"{span} {'before' if self.last < 0 else 'after'}"

    def holds(self, lag: np.ndarray) -> np.ndarray:
        above = True if self.first is None else lag >= self.first
        below = True if self.last is None else lag <= self.last
        return np.asarray(above & below)


@dataclass(frozen=True)
class Grid:
    """Bins of leads and lags, both ends binned, with the reference window they are measured from."""

    bins: tuple[Bin, ...]
    reference: tuple[int, int]
    half_window: int

    def is_reference(self, one: Bin) -> bool:
        """Whether the bin is one of those from whose mean the others are measured."""
        first, last = self.reference
        closed = one.first is not None and one.last is not None
        return closed and any(bool(one.holds(np.asarray(k))) for k in range(first, last + 1))

    @classmethod
    def of(cls, edges: Sequence[int], reference: tuple[int, int], half_window: int) -> Grid:
        """``edges``: the first lag of every bin after the open left end, ascending."""
        inner = [Bin(a, b - 1) for a, b in pairwise(edges)]
        return cls((Bin(None, edges[0] - 1), *inner, Bin(edges[-1], None)), reference, half_window)


# Month -1 alone would be a bad reference: Golden Week touches it before two of the rules.
GRIDS: dict[str, Grid] = {
    "week": Grid.of((-12, -8, -2, 0, 4, 8, 12, 26), (-8, -3), 4),
    "month": Grid.of((-12, -6, -3, 0, 3, 6, 12), (-6, -1), 2),
    "quarter": Grid.of((-4, -3, -2, -1, 0, 1, 2, 3, 4), (-2, -1), 1),
    "year": Grid.of((-2, -1, 0, 1), (-1, -1), 1),
}


def ordinals(days: Sequence[date] | Sequence[int], frequency: str) -> np.ndarray:
    """Consecutive integers of the periods that ``days`` lie in; weeks begin on Monday. Of the frequency
    ``position`` they are the periods' own numbers (working weeks, counted over holidays).

    Read-only, and kept: a panel's periods are asked for at every event, and reading dates one by one takes
    longer than all that is computed of them."""
    return _ordinals(tuple(days), frequency)


@lru_cache(maxsize=256)
def _ordinals(days: tuple[date, ...] | tuple[int, ...], frequency: str) -> np.ndarray:
    when = _counted(days, frequency)
    when.flags.writeable = False
    return when


def _counted(days: tuple[date, ...] | tuple[int, ...], frequency: str) -> np.ndarray:
    if frequency == "position":
        return np.asarray(days, dtype=np.int64)
    day = np.asarray(days, dtype="datetime64[D]")
    if frequency == "week":
        return np.asarray((day.astype(np.int64) + MONDAY) // 7)
    if frequency == "year":
        return np.asarray(day.astype("datetime64[Y]").astype(np.int64))
    month = day.astype("datetime64[M]").astype(np.int64)
    return np.asarray(month // 3 if frequency == "quarter" else month)


def period_name(day: date, frequency: str) -> str:
    """How a reader calls the period that begins on ``day``: ``2021``, ``Q3 2021``, ``July 2021``."""
    if frequency == "week":
        return f"the week of {day_name(day)}"
    return {
        "year": f"{day:%Y}", "quarter": f"Q{(day.month + 2) // 3} {day:%Y}", "month": f"{day:%B %Y}"
    }[frequency]  # fmt: skip


def period_names(when: Sequence[int], frequency: str) -> list[str]:
    """Names of the periods with these ordinals."""
    days = _first_days(np.asarray(when), frequency).astype("datetime64[D]").tolist()
    return [period_name(day, frequency) for day in days]


def first_day(day: date, frequency: str, ahead: int = 0) -> date:
    """First day of the period ``ahead`` periods after the one that ``day`` lies in."""
    when = ordinals([day], frequency) + ahead
    first: list[date] = _first_days(when, frequency).astype("datetime64[D]").tolist()
    return first[0]


def day_name(day: date) -> str:
    """``7 October 2022``."""
    return f"{day.day} {day:%B %Y}"


def _first_days(when: np.ndarray, frequency: str) -> np.ndarray:
    """First days of the periods with these ordinals, as days since 1970."""
    if frequency == "week":
        return np.asarray(when * 7 - MONDAY)
    months = when * {"month": 1, "quarter": 3, "year": 12}[frequency]
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def last_days(days: Sequence[date], frequency: str) -> np.ndarray:
    """The last day of each period, as datetime64[D]."""
    return np.asarray((_first_days(ordinals(days, frequency) + 1, frequency) - 1).astype("datetime64[D]"))


def over_by(days: Sequence[date], frequency: str, month: date) -> np.ndarray:
    """Whether each period is over by the end of ``month``'s month."""
    ends = _first_days(ordinals(days, frequency) + 1, frequency)
    return np.asarray(ends <= _first_days(ordinals([month], "month") + 1, "month"))


def exposure(days: Sequence[date], frequency: str, event: date) -> np.ndarray:
    """Share of each period that lies on or after ``event``, 0 to 1."""
    when = ordinals(days, frequency)
    start, end = _first_days(when, frequency), _first_days(when + 1, frequency)
    day = np.datetime64(event, "D").astype(np.int64)
    share = (end - np.maximum(start, day)) / (end - start)
    return np.asarray(np.clip(share, 0.0, 1.0))
