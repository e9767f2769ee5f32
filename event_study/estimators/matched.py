"""Joint steps against weighed donors: synthetic control and synthetic difference-in-differences.

Both replace the donors' plain mean in the gap by weights fitted before the first event, each donor in
turn as a placebo, and keep the headline's design, so that the estimand stays the mean step. Estimates
are scaled by the plain gap's pre-period RMSE: a weighed gap's own is mechanically small where donors
outnumber the periods before. References: Abadie, Diamond and Hainmueller (2010); Arkhangelsky et al.
(2021). Not here: the weights (``synthetic``, ``sdid``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from event_study.errors import RankDeficient
from event_study.estimators.design import Design
from event_study.estimators.gaps import UnitFits, gap_matrix, pre_scale
from event_study.estimators.matrices import as_treated
from event_study.estimators.sdid import sdid
from event_study.estimators.synthetic import synth

Steps = tuple[np.ndarray, np.ndarray]


def fit_synth(Y: np.ndarray, design: Design) -> UnitFits:
    """OLS on the design of every unit's gap to its synthetic control, ``Y`` (1+J, T) treated first.

    Raises what ``synth`` raises.
    """
    return _fits(Y, [synth_steps(as_treated(Y, j), design) for j in range(len(Y))], design)


def fit_sdid(Y: np.ndarray, design: Design) -> UnitFits:
    """Weighted least squares of every unit's gap to omega'Y: periods before the first event weigh
    lambda, periods after it the same. With one step that is tau of the paper exactly; with several it
    is their joint model under the same weights.

    Raises ``RankDeficient`` when so few periods before carry weight that a trend cannot be told from a
    level, and what ``sdid`` raises.
    """
    return _fits(Y, [sdid_steps(as_treated(Y, j), design) for j in range(len(Y))], design)


def synth_steps(Y: np.ndarray, design: Design) -> Steps:
    """The fit of row 0 alone: coefficients (P) and gap (T). Raises as ``fit_synth``."""
    gap, X = synth(Y, design.pre, ~design.pre).gap, design.X
    return gap @ X @ np.linalg.inv(X.T @ X), gap


def sdid_steps(Y: np.ndarray, design: Design) -> Steps:
    """The fit of row 0 alone: coefficients (P) and gap (T). Raises as ``fit_sdid``."""
    pre, X = design.pre, design.X
    weights = sdid(Y, pre, ~pre)
    weight = np.full(len(pre), 1.0 / (~pre).sum())
    weight[pre] = weights.time_weights
    root = np.sqrt(weight)[:, None]
    if np.linalg.matrix_rank(X * root) < X.shape[1]:
        raise RankDeficient("too few periods before the first event carry weight to fit the design")
    gap = Y[0] - weights.unit_weights @ Y[1:]
    return np.linalg.lstsq(X * root, gap * root[:, 0], rcond=None)[0], gap


def _fits(Y: np.ndarray, steps: Sequence[Steps], design: Design) -> UnitFits:
    coef, gaps = (np.vstack(column) for column in zip(*steps, strict=True))
    return UnitFits(coef, pre_scale(gap_matrix(Y), design), gaps, np.zeros(len(Y), dtype=bool))
