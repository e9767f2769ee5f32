"""Rows that say nothing in a model with unit and period effects, counted as they go.

Singletons (a unit or a period with one row) fit exactly; in a count model so do units and periods
without any count. Dropped until none is left. Not here: separated bins (``separation``).
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from event_study.errors import RankDeficient
from event_study.units.absorb import Rows


def prune(rows: Rows, *, counts: bool) -> tuple[Rows, Counter[str]]:
    """What is left, and how much went: rows of ``singletons``, ``zero_units``, ``zero_periods``.

    A cell's unit is a pattern of alike units, so a unit is single when its pattern has one period.
    Raises ``RankDeficient`` when nothing is left.
    """
    dropped: Counter[str] = Counter()
    while True:
        before = len(rows.unit)
        for reason, code in (("zero_units", rows.unit), ("zero_periods", rows.time)) if counts else ():
            empty = _sums(code, np.abs(rows.total)) == 0
            if (gone := empty[code]).any():
                dropped[reason] += len(np.unique(code[gone]))
                rows = rows.take(~gone)
                break
        else:
            single = (_sums(rows.unit, np.ones(before)) == 1)[rows.unit]
            single |= (_sums(rows.time, rows.count) == 1)[rows.time]
            dropped["singletons"] += int(rows.count[single].sum())
            rows = rows.take(~single)
        if not len(rows.unit):
            raise RankDeficient("no row is left beside singletons and units or periods without a count")
        if len(rows.unit) == before:
            return rows, +dropped


def _sums(code: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.bincount(code, values)
