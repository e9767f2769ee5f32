"""Unit-level coefficients from cells: least squares on cell means weighted by rows, Poisson on cell
sums, effects of pattern and period in either.

Exact, because within a pattern all units have the same periods and the same regressors: a unit's own
effect drops out of least squares with its mean, and of Poisson with its total. Not here: how cells are
made (``collapse``), covariances (``scores``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from event_study.units.absorb import Rows, arrange
from event_study.units.collapse import Cells
from event_study.units.prune import prune
from event_study.units.solve import Solved, least_squares, poisson
from event_study.units.two_way import countable


@dataclass(frozen=True)
class CellFit:
    """``solved`` for the cells at ``place`` (of all C); ``n`` rows and ``periods`` behind the fit, the
    patterns ``kept`` (S), whether ``active`` units only, and what was dropped."""

    solved: Solved
    place: np.ndarray
    n: int
    periods: int
    kept: np.ndarray
    active: bool
    dropped: Counter[str]


def fit_cells(cells: Cells, names: Sequence[str], family: str) -> CellFit:
    """``family`` "ols" or "ppml". A count model learns nothing from units without a count: they are
    left out of n and counted. Raises as ``two_way.fit_twfe`` and ``fit_ppml``."""
    counts = family == "ppml"
    units = (cells.active if counts else cells.units)[cells.pattern].astype(float)
    every = np.arange(len(units))
    rows = Rows(cells.pattern, cells.time, units, units, cells.total, cells.X, every).take(units > 0)
    dropped: Counter[str] = Counter()
    if counts:
        rows, dropped = countable(rows, names)
        dropped["zero_units"] += int((cells.units - cells.active).sum())
    else:
        rows, dropped = prune(rows, counts=False)
    patterns = np.unique(rows.unit)
    rows, effects = arrange(rows)
    solved = (poisson if counts else least_squares)(rows, effects, names)
    kept = np.zeros(len(cells.units), dtype=bool)
    kept[patterns] = True
    return CellFit(
        solved, rows.place, int(rows.count.sum()), int(rows.time.max()) + 1, kept, counts, +dropped
    )
