"""The part of an outcome that has no certain unit, period by period of a panel: whose it is, nobody knows.

Not here: to whom it may be given (``bounds.allotment``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from event_study.errors import EventStudyError, counted
from event_study.periods import ordinals

UNKNOWN = "ZZ"
MOST_MISSING = 0.5  # of the periods compared: where more lack it, its course is a guess


@dataclass(frozen=True)
class Unknown:
    """``values`` (T) without a unit; ``others`` (T): what is known of all units but the treated one, whether
    they are compared or not. Both finite, 0 or more; else ``EventStudyError``."""

    values: np.ndarray
    others: np.ndarray

    def __post_init__(self) -> None:
        for part in (self.values, self.others):
            if not (np.isfinite(part) & (part >= 0)).all():
                raise EventStudyError("unknown and known values are finite and 0 or more")

    def first(self, periods: int) -> Unknown:
        """The same in the first periods alone."""
        return Unknown(self.values[:periods], self.others[:periods])


def unknown_beside(
    wide: pd.DataFrame, treated: str, periods: Sequence[date], frequency: str
) -> Unknown | None:
    """What has no unit in ``wide`` (periods x units, NaN where unknown) beside ``treated``; None where there
    is none of it.

    A period that lacks it has the share of the known that its neighbours in time have: a straight line
    between them, the nearest share before the first and after the last. Raises ``EventStudyError`` where more
    than half of ``periods`` lack it, and for values below zero, of which no part can be given away.

    >>> from datetime import date
    >>> import pandas as pd
    >>> years = [date(year, 1, 1) for year in (2020, 2021, 2022)]
    >>> wide = pd.DataFrame({"CN": [1.0, 2, 3], "DE": [3.0, 6, 5], "ZZ": [2.0, None, 4]}, index=years)
    >>> unknown_beside(wide, "CN", years, "year")
    Unknown(values=array([2., 4., 4.]), others=array([3., 6., 5.]))
    """
    if UNKNOWN not in wide.columns:
        return None
    place, units = {day: t for t, day in enumerate(wide.index)}, wide.columns.tolist()
    rows = wide.to_numpy()[[place[day] for day in periods]]
    values, own = (rows[:, units.index(unit)] for unit in (UNKNOWN, treated))
    missing = np.isnan(values)
    if not np.nansum(np.abs(values)):
        return None
    if missing.mean() > MOST_MISSING:
        seen = int((~missing).sum())
        raise EventStudyError(f"seen in {seen} of {counted(len(values), frequency)}")
    others = np.nansum(rows[:, [unit not in (UNKNOWN, treated) for unit in units]], axis=1)
    if missing.any():
        known = others + own
        when, has = ordinals(list(periods), frequency), ~missing & (known > 0)
        share = np.interp(when, when[has], values[has] / known[has]) if has.any() else np.zeros(len(when))
        values = np.where(missing, share * known, values)
    return Unknown(values, others)


def classes_of_size(whole: Unknown, without: Sequence[Unknown | None]) -> tuple[Unknown, ...]:
    """The unknown of ``whole`` by the size of their owners: of the largest, of the next and so on, and of all
    the rest. ``without``: the same without ever more of the largest owners, None where none is left.

    What a period without a value was given (``unknown_beside``) may not fit together: a class holds no less
    than nothing and no more than the classes above it leave.

    >>> import numpy as np
    >>> whole, less = (Unknown(np.array(of), np.ones(2)) for of in ([5.0, 6.0], [3.0, 7.0]))
    >>> made = classes_of_size(whole, [less, None])
    >>> [one.values.tolist() for one in made]
    [[2.0, 0.0], [3.0, 6.0], [0.0, 0.0]]
    """
    left = [whole.values]
    for one in without:
        left.append(np.minimum(left[-1], np.zeros_like(left[-1]) if one is None else one.values))
    ends = [*left[1:], np.zeros_like(whole.values)]
    return tuple(Unknown(more - less, whole.others) for more, less in zip(left, ends, strict=True))
