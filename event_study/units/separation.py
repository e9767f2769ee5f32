"""Where a Poisson likelihood has no maximum: a direction that lowers some zeros and moves no count.

Exact, where the literature iterates ("ir"): directions that leave every counted row alone are the
null space of their regressors less effects, and shifts between parts that no count links; a linear
programme in those few numbers finds one that is above 0 on a zero and below it on none. Reference:
Correia, Guimaraes and Zylkin (2019). Not here: units or periods without any count (``prune``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import lsqr

from event_study.errors import SeparatedBin
from event_study.units.absorb import Rows, arrange, within

NOTHING = 1e-9  # of a column's size
SLACK = 1e-7  # below 0 that a zero may be moved by rounding, where the most that one is moved is 1
VISIBLE = 1e-4


def separated(rows: Rows, names: Sequence[str]) -> np.ndarray:
    """Mask (n) of zeros that unit and period effects alone predict: they say nothing of coefficients.

    Every unit and period must have a count. Raises ``SeparatedBin`` naming the columns whose
    coefficients would be infinite.
    """
    found = np.zeros(len(rows.total), dtype=bool)
    while True:
        kept = np.flatnonzero(~found)
        some = rows.take(kept)
        zero = some.total == 0
        shifts, slopes, which = _directions(some)
        above = _certificate(shifts[zero])
        if above.any():
            found[kept[zero][shifts[zero] @ above > VISIBLE]] = True
            continue
        weights = _certificate(np.column_stack([slopes, shifts])[zero])
        if weights.any():
            loads = np.abs(which @ weights[: which.shape[1]])
            guilty = [n for n, load in zip(names, loads, strict=True) if load > VISIBLE * loads.max()]
            raise SeparatedBin(
                "no count at all tells {columns}: a log ratio has no finite value", columns=guilty
            )
        return found


def _directions(rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Directions that vanish on counted rows: shifts (n, S) between unlinked parts, slopes (n, D), and
    what each slope is (K, D) in columns of unit size."""
    unit = np.unique(rows.unit, return_inverse=True)[1]
    time = np.unique(rows.time, return_inverse=True)[1]
    units, size = int(unit.max()) + 1, int(unit.max() + time.max()) + 2
    n = np.arange(len(unit))
    effects = sparse.coo_array(
        (np.ones(2 * len(n)), (np.tile(n, 2), np.concatenate([unit, time + units]))), shape=(len(n), size)
    ).tocsr()
    counted = rows.total > 0
    links = sparse.coo_array(
        (np.ones(int(counted.sum())), (unit[counted], time[counted] + units)), (size,) * 2
    )
    parts, part = connected_components(links, directed=False)
    shifts = (part[unit][:, None] == np.arange(parts)).astype(float)
    shifts -= part[time + units][:, None] == np.arange(parts)
    norm = np.maximum(np.abs(rows.X).max(axis=0, initial=0.0), 1e-300)
    scaled = rows.X / norm
    linked, linking = arrange(rows.take(counted))
    left = within(linking, linked.X / norm, np.ones(len(linked.total)))
    _, values, axes = np.linalg.svd(np.linalg.qr(left, mode="r"))
    weak = np.append(values, np.zeros(len(axes) - len(values))) < NOTHING * np.sqrt(len(left))
    which = axes[weak].T
    columns = scaled @ which
    for d in range(which.shape[1]):
        solved = lsqr(effects[counted], columns[counted, d], atol=1e-14, btol=1e-14, iter_lim=20 * size)[0]
        columns[:, d] -= effects @ solved
    return shifts[:, : parts if parts > 1 else 0], columns, which


def _certificate(directions: np.ndarray) -> np.ndarray:
    """Weights (D) of a combination >= 0 on all rows and above 0 on some; zeros where there is none."""
    if not directions.size:
        return np.zeros(directions.shape[1])
    rows = directions[np.unique(np.round(directions, 9), axis=0, return_index=True)[1]]
    both = np.vstack([rows, -rows])
    limits = np.concatenate([np.ones(len(rows)), np.full(len(rows), SLACK)])
    found = linprog(-rows.sum(axis=0), A_ub=both, b_ub=limits, bounds=(None, None))
    return np.asarray(found.x) if found.fun < -0.5 else np.zeros(directions.shape[1])
