"""Every unit's fit at once: the treated unit against the donors, and each donor as a placebo.

An estimator takes levels (1+J, T), treated first, and a design, and returns all coefficients and
each unit's scale before the first event. One function an estimator, registered in ``ESTIMATORS``.
Not here: p-values (``ri_studentised``), conventional errors (``clustered``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from event_study.design import Design
from event_study.errors import NonPositiveLog
from event_study.ppml import grouped_logit


@dataclass(frozen=True)
class UnitFits:
    """``coef`` (1+J, P), ``scale`` (1+J) in the coefficient's unit, ``gaps`` (1+J, T),
    ``separated`` (1+J): units whose count model has no finite estimate."""

    coef: np.ndarray
    scale: np.ndarray
    gaps: np.ndarray
    separated: np.ndarray


def gap_matrix(Y: np.ndarray) -> np.ndarray:
    """Treated: y_1 - mean(donors). Donor j: y_j - mean(the other donors), the treated unit excluded
    from every placebo so that its effect does not contaminate them. Shape (1+J, T)."""
    donors = Y[1:]
    if len(donors) == 1:
        return np.vstack([Y[0] - donors[0], np.full(Y.shape[1], np.nan)])
    total = donors.sum(axis=0)
    return np.vstack([Y[0] - total / len(donors), donors - (total - donors) / (len(donors) - 1)])


def pre_scale(gaps: np.ndarray, design: Design) -> np.ndarray:
    """RMSE of each gap before the first event around its pre-mean (or pre-trend), divisor T0."""
    pre = gaps[:, design.pre]
    Z = design.X[design.pre][:, : 1 + design.trend]
    residual = pre - pre @ Z @ np.linalg.pinv(Z.T @ Z) @ Z.T
    return np.asarray(np.sqrt((residual**2).mean(axis=1)))


def fit_gaps(Y: np.ndarray, design: Design) -> UnitFits:
    """OLS of every gap on the design; in a balanced panel with one treated unit these are exactly
    the two-way fixed-effects coefficients."""
    gaps = gap_matrix(Y)
    X = design.X
    coef = gaps @ X @ np.linalg.inv(X.T @ X)
    return UnitFits(coef, pre_scale(gaps, design), gaps, np.zeros(len(Y), dtype=bool))


def fit_log_gaps(Y: np.ndarray, design: Design) -> UnitFits:
    """``fit_gaps`` of log levels. Raises ``NonPositiveLog``."""
    if (Y <= 0).any():
        raise NonPositiveLog("a log needs values above 0")
    return fit_gaps(np.log(Y), design)


def fit_ppml(Y: np.ndarray, design: Design) -> UnitFits:
    """Poisson pseudo-maximum likelihood with unit and period effects, every unit as its own placebo.

    With one unit of interest the other units may be summed exactly, and a Poisson model of two rows
    with period effects is a logit of the unit's share of the period's total: P coefficients a unit
    instead of J + T dummies. The scale is the pre-period RMSE of log((y+.5)/(others+.5)).
    Reference: Santos Silva and Tenreyro (2006).
    """
    donors = Y[1:]
    others = np.vstack([donors.sum(axis=0), donors.sum(axis=0) - donors])
    gaps = np.log((Y + 0.5) / (others + 0.5))
    if len(donors) == 1:  # no placebo: the only donor has nobody to be compared with
        own, apart = grouped_logit(Y[:1], Y[:1] + others[:1], design.X)
        gaps[1] = np.nan
        coef, separated = np.vstack([own, np.full_like(own, np.nan)]), np.append(apart, False)
    else:
        coef, separated = grouped_logit(Y, Y + others, design.X)
    return UnitFits(coef, pre_scale(gaps, design), gaps, separated)


ESTIMATORS: dict[str, Callable[[np.ndarray, Design], UnitFits]] = {
    "ols_log": fit_log_gaps,
    "ols": fit_gaps,
    "ppml": fit_ppml,
}
