"""Synthetic difference-in-differences: donors weighted to run parallel, periods to be comparable.

Reference: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), algorithm 1 with one treated unit.
Their placebo variance needs equal variances of all units, so inference here is the rank of the
studentised estimate. Not here: the solver (``simplex``), synthetic control (``synthetic``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from event_study.estimators.matrices import as_treated, check_windows
from event_study.estimators.simplex import simplex_least_squares
from event_study.estimators.synthetic import check_scale, resolve
from event_study.inference.ri_studentised import RankTest, rank_test

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


def sdid_rank(
    Y: np.ndarray, pre: np.ndarray, post: np.ndarray, scale: np.ndarray, alpha: float = 0.05
) -> RankTest:
    """Rank of |tau_j| / s_j among all J+1; row 0 is no donor of any placebo.

    ``scale`` (1+J) is s_j of the headline test: the pre-period RMSE of unit j's gap to the mean of the
    donors around its own mean. The confidence set is closed form because neither weights nor scale see
    the treated unit after the event. Raises ``DegeneratePlacebo``, ``ResolutionTooCoarse``, what
    ``sdid`` raises.
    """
    resolve(len(Y), alpha)
    check_scale(scale)
    effects = np.asarray([sdid(as_treated(Y, j), pre, post).effect for j in range(len(Y))])
    return rank_test(effects, scale, alpha)
