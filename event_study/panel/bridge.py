"""A donor's missing cells, filled from the other donors' movement and its own neighbouring periods.

Dropping a donor for one missing month leaves no test where every donor lacks one. Which cells may be
filled is ``balance``'s rule; here is only by what.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def bridged(matrix: np.ndarray, estimator: str) -> np.ndarray:
    """``matrix`` (T, J) of donors' levels with its NaN filled, none of a donor without any value.

    The donors' common movement is chained from period to period over the donors that have both: mean
    differences for ``ols``, of logarithms for ``*_log``, ratios of sums for counts. A missing cell is that
    movement and the donor's own distance to it, interpolated between the periods around the hole (at
    an edge the nearest distance is kept): an effect of a period that all share is kept, and so is a donor's
    own level. Values that are there stay as they are, bit by bit.

    >>> import numpy as np
    >>> bridged(np.array([[1.0, 3.0], [2.0, np.nan], [4.0, 6.0]]), "ols")[1]
    array([2., 4.])
    """
    missing = np.isnan(matrix)
    if not missing.any():
        return matrix
    if estimator.endswith("_log"):
        filled = np.exp(_additive(np.log(matrix), missing))
    elif estimator == "ppml":
        common = np.exp(_chained(matrix, missing, _log_ratio))
        filled = _between(matrix / common[:, None], missing) * common[:, None]
    else:
        filled = _additive(matrix, missing)
    return np.where(missing, filled, matrix)


def _additive(values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    common = _chained(values, missing, lambda before, here: float(np.mean(here - before)))[:, None]
    return np.asarray(_between(values - common, missing) + common)


def _log_ratio(before: np.ndarray, here: np.ndarray) -> float:
    """Of two periods' sums; no movement where one of them has no count at all."""
    return float(np.log(here.sum() / before.sum())) if here.sum() > 0 and before.sum() > 0 else 0.0


def _chained(
    values: np.ndarray, missing: np.ndarray, step: Callable[[np.ndarray, np.ndarray], float]
) -> np.ndarray:
    """The common movement (T) from the first period on; none between periods that no donor shares."""
    movement = np.zeros(len(values))
    for t in range(1, len(values)):
        both = ~missing[t - 1] & ~missing[t]
        movement[t] = step(values[t - 1, both], values[t, both]) if both.any() else 0.0
    return np.cumsum(movement)


def _between(distance: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """``distance`` (T, J) with the missing ones interpolated in time, column by column."""
    when, out = np.arange(len(distance)), distance.copy()
    for j in np.flatnonzero(missing.any(axis=0)):
        seen = ~missing[:, j]
        out[:, j] = np.interp(when, when[seen], distance[seen, j])
    return out
