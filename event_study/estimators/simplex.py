"""Least squares with weights on the simplex: what synthetic controls and their time weights solve.

Because the weights sum to one, A w - y = B w with B = A - y 1', so the problem is the shortest vector
of a convex hull. With u = s w (s >= 0, w on the simplex),

    |B u|^2 + (1'u - 1)^2 = s^2 |B w|^2 + (s - 1)^2,

and the best w is the same for every s > 0: one non-negative least squares, then u / sum(u), is exact
(no penalty that has to be large). References: Lawson and Hanson (1974), chapter 23, for the active set
method; Wolfe (1976) for the hull. Not here: what the columns are (``synthetic``, ``sdid``).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from event_study.errors import NotConverged

STEPS = 30  # active-set steps a column: scipy's default of 3 is met by well-conditioned problems only
TOLERANCE = 1e-8


def simplex_least_squares(
    A: np.ndarray, y: np.ndarray, *, intercept: bool = False, ridge: float = 0.0
) -> np.ndarray:
    """argmin over w of sum_t (a + A_t w - y_t)^2 + ridge |w|^2, w >= 0, sum w = 1; shape (J).

    ``A`` (T, J), ``y`` (T); a = 0 unless ``intercept``. With more columns than rows the fit A w is
    unique and w need not be (with ``ridge`` > 0 it is); the same input always gives the same w.
    Raises ``NotConverged``.
    """
    B = A - y[:, None]
    if intercept:
        B = B - B.mean(axis=0)
    size = B.shape[1]
    if ridge > 0.0:
        B = np.vstack([B, np.sqrt(ridge) * np.eye(size)])
    # the augmented row must neither drown nor be drowned: columns of length one at most
    longest = float(np.sqrt((B**2).sum(axis=0).max()))
    scaled = B / longest if longest > 0.0 else B
    target = np.zeros(len(scaled) + 1)
    target[-1] = 1.0
    try:
        u, _ = nnls(np.vstack([scaled, np.ones(size)]), target, maxiter=STEPS * size)
    except RuntimeError as error:
        raise NotConverged(STEPS * size, TOLERANCE) from error
    return np.asarray(u / u.sum())
