"""Unit and period effects taken out of columns exactly, balanced or not: no iteration to tolerate.

Of the normal equations of two sets of effects the longer set is eliminated in closed form; what is
left, one equation a level of the shorter set, is solved by Cholesky. Memory 8 m^2 bytes, m the shorter
set's size (200 weeks: 0.3 MB). Reference: Guimaraes and Portugal (2010) for the problem.
Not here: coefficients (``solve``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import connected_components

from event_study.errors import RankDeficient

BLOCK = 1 << 22  # numbers of a dense block at a time


@dataclass(frozen=True)
class Rows:
    """Rows, or cells that stand for ``count`` (n) rows each: codes of ``unit`` and ``time`` (n),
    ``weight`` (n) the sum of the rows' weights, ``total`` (n) the sum of weight x outcome, ``X`` (n, K)
    the same for all rows of a cell; ``place`` (n) is where each was before any was dropped or moved."""

    unit: np.ndarray
    time: np.ndarray
    count: np.ndarray
    weight: np.ndarray
    total: np.ndarray
    X: np.ndarray
    place: np.ndarray

    def take(self, index: np.ndarray) -> Rows:
        """Some of the rows, by position or mask, in that order."""
        return Rows(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Effects:
    """Two sets of effects over rows sorted by (outer, inner): ``outer``, ``inner`` (n) codes, ``start``
    of each outer level, ``free`` inner levels that are not the left-out one of their ``parts``."""

    outer: np.ndarray
    inner: np.ndarray
    start: np.ndarray
    free: np.ndarray
    parts: int

    @property
    def levels(self) -> int:
        """Independent coefficients of both sets: levels less connected parts."""
        return len(self.start) + len(self.free)


def arrange(rows: Rows) -> tuple[Rows, Effects]:
    """Rows in the order that their effects are taken out in, codes made dense."""
    unit = np.unique(rows.unit, return_inverse=True)[1]
    time = np.unique(rows.time, return_inverse=True)[1]
    rows = replace(rows, unit=unit, time=time)
    by_unit = unit.max() >= time.max()
    first, second = (unit, time) if by_unit else (time, unit)
    order = np.lexsort((second, first))
    outer, inner = first[order], second[order]
    start = np.flatnonzero(np.diff(outer, prepend=-1))
    parts, label = connected_components(_table(outer, inner, np.ones(len(outer))), directed=False)
    inner_label = label[len(start) :]
    left_out = np.unique(inner_label, return_index=True)[1]
    free = np.setdiff1d(np.arange(int(inner.max()) + 1), left_out)
    return rows.take(order), Effects(outer, inner, start, free, int(parts))


def _table(outer: np.ndarray, inner: np.ndarray, values: np.ndarray) -> sparse.coo_array:
    """Two-sided adjacency of outer and inner levels, as one square graph."""
    size = int(outer.max()) + 1
    return sparse.coo_array((values, (outer, inner + size)), shape=(size + int(inner.max()) + 1,) * 2)


def inner_normal(effects: Effects, weight: np.ndarray) -> np.ndarray:
    """diag(w_i) - M' diag(1/w_o) M over all inner levels, M the weights by outer and inner level."""
    size = int(effects.inner.max()) + 1
    indptr = np.append(effects.start, len(weight))
    table = sparse.csr_array((weight, effects.inner, indptr), shape=(len(effects.start), size))
    mass = np.add.reduceat(weight, effects.start)
    normal = np.diag(np.bincount(effects.inner, weight, size))
    step = max(1, BLOCK // size)
    for low in range(0, len(effects.start), step):
        dense = table[low : low + step].toarray()
        normal -= dense.T @ (dense / mass[low : low + step, None])
    return normal


def within(effects: Effects, V: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Residuals of the columns of ``V`` (n, K) on both sets of effects, weights (n) above 0.

    Raises ``RankDeficient`` where weights part levels so far that rounding cannot tell them together.
    """
    free, size = effects.free, int(effects.inner.max()) + 1
    mass = np.add.reduceat(weight, effects.start)[:, None]
    normal = inner_normal(effects, weight)[np.ix_(free, free)]
    scale = np.sqrt(np.maximum(np.diag(normal), 1e-300))
    try:
        factor = linalg.cho_factor(normal / np.outer(scale, scale))
    except linalg.LinAlgError as error:
        raise RankDeficient("units and periods are too weakly linked for effects of both") from error
    rows = np.arange(len(weight) + 1)
    pick = sparse.csr_array((np.ones(len(weight)), effects.inner, rows), shape=(len(weight), size))

    def centred(values: np.ndarray) -> np.ndarray:
        sums = np.add.reduceat(weight[:, None] * values, effects.start, axis=0)
        return np.asarray(values - (sums / mass)[effects.outer])

    out = centred(V)
    for _ in range(2):  # the second time takes away what rounding left of the first
        level = np.zeros((size, V.shape[1]))
        uneven = (pick.T @ (weight[:, None] * out))[free] / scale[:, None]
        level[free] = linalg.cho_solve(factor, uneven) / scale[:, None]
        out = centred(out - level[effects.inner])
    return out
