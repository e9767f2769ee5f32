"""Synthetic difference-in-differences: donors weighted to run parallel, periods to be comparable.

Reference: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), algorithm 1 with one treated unit.
Not here: the solver (``simplex``), synthetic control (``synthetic``), every donor as a placebo
(``matched``), inference: their placebo variance needs equal variances of all units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from event_study.estimators.matrices import check_windows
from event_study.estimators.simplex import simplex_least_squares

UNIQUE = 1e-6


@dataclass(frozen=True)
class Sdid:
    """``effect``; ``unit_weights`` (J) of the donors, ``time_weights`` (T0) of the periods before."""

    effect: float
    unit_weights: np.ndarray
    time_weights: np.ndarray


def sdid(Y: np.ndarray, pre: np.ndarray, post: np.ndarray) -> Sdid:
    """tau = (post mean - lambda-weighted pre mean) of y_1 - omega'Y, for row 0 of ``Y`` (1+J, T).

    omega: simplex, intercept, ridge zeta^2 T0 with zeta = T1^(1/4) sd, sd of the donors' first
    differences before (divisor n - 1); lambda: simplex, intercept, fitted to the donors' post means,
    ridge (1e-6 sd)^2 J, which as in the authors' code only chooses where lambda would not be unique.
    ``pre``, ``post`` (T) booleans, disjoint. Raises what ``check_windows`` raises (two periods before
    at least), ``NotConverged``.

    >>> import numpy as np
    >>> from event_study import sdid
    >>> Y, pre = np.array([[5.0, 6, 9], [0, 0, 1], [4, 8, 4]]), np.array([True, True, False])
    >>> round(sdid(Y, pre, ~pre).effect, 6)
    3.45
    """
    check_windows(Y, pre, post, least=2)
    donors = Y[1:]
    before, after = donors[:, pre], donors[:, post]
    steps = np.diff(before, axis=1)
    noise = float(steps.var(ddof=1)) if steps.size > 1 else 0.0
    zeta2 = noise * np.sqrt(after.shape[1])
    units = simplex_least_squares(before.T, Y[0, pre], intercept=True, ridge=zeta2 * before.shape[1])
    tie_break = UNIQUE**2 * noise * len(donors)
    times = simplex_least_squares(before, after.mean(axis=1), intercept=True, ridge=tie_break)
    gap = Y[0] - units @ donors
    return Sdid(float(gap[post].mean() - times @ gap[pre]), units, times)
