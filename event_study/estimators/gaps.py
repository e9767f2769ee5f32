"""Gaps of every unit to the mean of the donors, and what a fit of all units gives back.

In a balanced panel with one treated unit the gap is all that the data say of it. Not here: the
estimators themselves (``estimators``, ``matched``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from event_study.estimators.design import Design


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


def share_gaps(Y: np.ndarray) -> np.ndarray:
    """log((y + .5) / (others + .5)) of counts, the others those of ``gap_matrix``. Shape (1+J, T)."""
    donors = Y[1:]
    others = np.vstack([donors.sum(axis=0), donors.sum(axis=0) - donors])
    gaps = np.log((Y + 0.5) / (others + 0.5))
    if len(donors) == 1:
        gaps[1] = np.nan
    return np.asarray(gaps)


def rounding(Y: np.ndarray, in_logs: bool) -> float:
    """Scale below which a gap of ``Y`` is rounding alone: a last digit a period, of the largest value. A
    logarithm has at least that of 1, the error of the ratio it was taken of."""
    largest = np.abs(Y).max()
    if in_logs:
        largest = max(1.0, np.abs(np.log(Y[Y > 0])).max())
    return float(np.finfo(float).eps * largest * Y.shape[-1])


def pre_scale(gaps: np.ndarray, design: Design) -> np.ndarray:
    """RMSE of each gap before the first event around its pre-mean (or pre-trend), divisor T0."""
    pre = gaps[:, design.pre]
    Z = design.X[design.pre][:, : 1 + design.trend]
    residual = pre - pre @ Z @ np.linalg.pinv(Z.T @ Z) @ Z.T
    return np.asarray(np.sqrt((residual**2).mean(axis=1)))
