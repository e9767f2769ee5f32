"""From rows of a unit and week to a matrix of working weeks, holiday weeks left out.

Windows of other dates are to be like an event's. Two rules were announced in or after Golden Week: with
holiday weeks out of the panel, every window counts the same number of weeks that were worked. Not here:
which units a window compares (``windows``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from event_study.errors import DuplicateKey, EventOutsidePanel, MissingReference
from event_study.panel.calendar import donut
from event_study.periods import exposure, over_by
from event_study.specs.unit_model import UnitSpec

NEEDED = ("repository_id", "country", "country_method", "week", "outcome", "value", "is_complete",
          "first_week", "cn_holiday_days")  # fmt: skip
STARTED = 0.5  # of the week on or after the event: the first such week is the first after it


@dataclass(frozen=True)
class Flows:
    """``values`` (N, T) of units, NaN where nothing complete is known; ``units``, ``places`` (N) and
    ``first`` (N), the Monday a source first saw the unit; ``weeks`` (T), Mondays that are no holiday
    week's, without a gap but for these."""

    values: np.ndarray
    units: np.ndarray
    places: np.ndarray
    first: np.ndarray
    weeks: np.ndarray

    def position(self, day: date) -> int:
        """The first week after the event of this day. Raises ``EventOutsidePanel``."""
        after = exposure(self.weeks.tolist(), "week", day) >= STARTED
        if after[0] or not after[-1]:
            first, last = (str(self.weeks[end]) for end in (0, -1))
            raise EventOutsidePanel(f"the weeks seen run from {first} to {last}, the event lies outside")
        return int(np.argmax(after))


def flows(rows: pd.DataFrame, spec: UnitSpec, until: date | None) -> Flows:
    """Rows of one outcome and method (columns as ``NEEDED``) as a matrix of working weeks.

    Rows that are not complete stay NaN. ``until``: the month by whose end a week must be over. Raises
    ``MissingReference`` without rows, ``DuplicateKey``.
    """
    monday = pd.to_datetime(rows["week"]).to_numpy().astype("datetime64[D]")
    if until is not None and len(rows):
        over = over_by(monday.tolist(), "week", until)
        rows, monday = rows[over], monday[over]
    if rows.empty:
        raise MissingReference("no unit has a value in any week")
    weeks = np.arange(monday.min(), monday.max() + 1, 7)
    grouped = rows.groupby(["repository_id", "country"], observed=True, sort=True)
    keys: list[Any] = list(grouped.indices)
    unit = grouped.ngroup().to_numpy()
    week = (monday - weeks[0]).astype(int) // 7
    if np.bincount(unit * len(weeks) + week).max() > 1:
        raise DuplicateKey("two rows for one unit and week")
    value = rows["value"].to_numpy(dtype=float, na_value=np.nan)
    values = np.full((len(keys), len(weeks)), np.nan)
    values[unit, week] = np.where(rows["is_complete"].to_numpy(dtype=bool), value, np.nan)
    first = np.full(len(keys), weeks[-1])
    np.minimum.at(first, unit, pd.to_datetime(rows["first_week"]).to_numpy().astype("datetime64[D]"))
    rests = np.zeros(len(weeks))
    np.maximum.at(rests, week, rows["cn_holiday_days"].to_numpy(dtype=float, na_value=0.0))
    worked = rests < spec.holiday_days
    if spec.drop:
        worked &= ~donut(weeks.tolist(), "week", 0, spec.drop)
    names = np.asarray([(str(one), str(place)) for one, place in keys], dtype=object)
    return Flows(values[:, worked], names[:, 0], names[:, 1], first, weeks[worked])
