"""Joint steps against weighed donors: synthetic control and synthetic difference-in-differences.

Both replace the donors' plain mean in the gap by weights fitted before the first event, each donor in
turn as a placebo, and keep the headline's design, so that the estimand stays the mean step. Estimates
are scaled by the plain gap's pre-period RMSE: a weighed gap's own is mechanically small where donors
outnumber the periods before. References: Abadie, Diamond and Hainmueller (2010); Arkhangelsky et al.
(2021). Not here: the weights (``synthetic``, ``sdid``).
"""

from __future__ import annotations

import numpy as np

from event_study.errors import RankDeficient
from event_study.estimators.design import Design
from event_study.estimators.gaps import UnitFits, gap_matrix, pre_scale
from event_study.estimators.matrices import as_treated
from event_study.estimators.sdid import sdid
from event_study.estimators.synthetic import synth


def fit_synth(Y: np.ndarray, design: Design) -> UnitFits:
    """OLS on the design of every unit's gap to its synthetic control, ``Y`` (1+J, T) treated first.

    Raises what ``synth`` raises.
    """
    gaps = np.vstack([synth(as_treated(Y, j), design.pre, ~design.pre).gap for j in range(len(Y))])
    X = design.X
    return _fits(Y, gaps, gaps @ X @ np.linalg.inv(X.T @ X), design)


def fit_sdid(Y: np.ndarray, design: Design) -> UnitFits:
    """Weighted least squares of every unit's gap to omega'Y: periods before the first event weigh
    lambda, periods after it the same. With one step that is tau of the paper exactly; with several it
    is their joint model under the same weights.

    Raises ``RankDeficient`` when so few periods before carry weight that a trend cannot be told from a
    level, and what ``sdid`` raises.
    """
    pre, X, coef, gaps = design.pre, design.X, [], []
    for j in range(len(Y)):
        seen = as_treated(Y, j)
        weights = sdid(seen, pre, ~pre)
        weight = np.full(len(pre), 1.0 / (~pre).sum())
        weight[pre] = weights.time_weights
        root = np.sqrt(weight)[:, None]
        if np.linalg.matrix_rank(X * root) < X.shape[1]:
            raise RankDeficient("too few periods before the first event carry weight to fit the design")
        gap = seen[0] - weights.unit_weights @ seen[1:]
        coef.append(np.linalg.lstsq(X * root, gap * root[:, 0], rcond=None)[0])
        gaps.append(gap)
    return _fits(Y, np.vstack(gaps), np.vstack(coef), design)


def _fits(Y: np.ndarray, gaps: np.ndarray, coef: np.ndarray, design: Design) -> UnitFits:
    return UnitFits(coef, pre_scale(gap_matrix(Y), design), gaps, np.zeros(len(Y), dtype=bool))
