"""Least squares and Poisson with unit and period effects, on rows or on cells that stand for rows.

Both come back as coefficients, regressors less effects, fitted totals and the inverse information, so
that a cluster's score is sum of partial x (total - fit) in either. References: Frisch and Waugh
(1933); Santos Silva and Tenreyro (2006); Correia, Guimaraes and Zylkin (2020).
Not here: which rows are used (``prune``), covariances (``result``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from event_study.errors import NotConverged, RankDeficient, SpecError, counted
from event_study.estimators.design import check_rank
from event_study.units.absorb import Effects, Rows, within

MAX_ITERATIONS = 100
TOLERANCE = 1e-8  # of a Newton step: the error it leaves is of the order of its square
STRIDE = 4.0  # longest change of a log fit in one step


@dataclass(frozen=True)
class Solved:
    """``coef`` (K), ``partial`` (n, K) regressors less effects, ``fit`` (n) expected weighted totals,
    ``bread`` (K, K) the inverse of partial' W partial, W the weights or the fitted totals."""

    coef: np.ndarray
    partial: np.ndarray
    fit: np.ndarray
    bread: np.ndarray


def least_squares(rows: Rows, effects: Effects, names: Sequence[str]) -> Solved:
    """Minimise sum w (y - x b - unit - period)^2.

    Raises ``RankDeficient``, ``CollinearLags`` naming the columns.
    """
    mean = rows.total / rows.weight
    swept = within(effects, np.column_stack([mean, rows.X]), rows.weight)
    partial = swept[:, 1:]
    independent(partial, rows.X, rows.weight, effects, names)
    coef, bread = _regress(swept, rows.weight)
    residual = swept[:, 0] - partial @ coef
    return Solved(coef, partial, rows.weight * (mean - residual), bread)


def poisson(rows: Rows, effects: Effects, names: Sequence[str]) -> Solved:
    """Maximise sum y eta - w exp(eta), eta = x b + unit + period, by Newton's method on the likelihood
    with the longer set of effects concentrated out; it is concave, steps that overshoot are halved.

    Every level must have a count and no direction may separate (``separation``). Raises as
    ``least_squares``, and ``NotConverged``.
    """
    partial = within(effects, rows.X, rows.weight)
    independent(partial, rows.X, rows.weight, effects, names)
    eta, fit, best = _concentrated(rows, effects, np.zeros(len(rows.total)))
    for _ in range(MAX_ITERATIONS):
        swept = within(effects, np.column_stack([rows.total / fit - 1.0, rows.X]), fit)
        slope, _ = _regress(swept, fit)
        step = rows.total / fit - 1.0 - (swept[:, 0] - swept[:, 1:] @ slope)
        reach = float(np.abs(step).max())
        if reach < TOLERANCE:
            # eta lies in the span of columns and effects, so that regressing it gives b back
            eta, fit, _ = _concentrated(rows, effects, eta + step)
            swept = within(effects, np.column_stack([eta, rows.X]), fit)
            coef, bread = _regress(swept, fit)
            return Solved(coef, swept[:, 1:], fit, bread)
        step *= min(1.0, STRIDE / reach)
        for _ in range(40):
            tried = _concentrated(rows, effects, eta + step)
            if tried[2] >= best - 1e-12 * abs(best):
                break
            step = step / 2
        eta, fit, best = tried
    raise NotConverged(MAX_ITERATIONS, TOLERANCE)


def _concentrated(rows: Rows, effects: Effects, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """``eta`` with each outer level's constant at its maximum, fitted totals and the likelihood."""
    top = np.maximum.reduceat(eta, effects.start)[effects.outer]
    raw = rows.weight * np.exp(eta - top)
    ratio = np.add.reduceat(rows.total, effects.start) / np.add.reduceat(raw, effects.start)
    shifted = eta - top + np.log(ratio)[effects.outer]
    return shifted, raw * ratio[effects.outer], float((rows.total * shifted).sum())


def _regress(swept: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of the first column on the others, and the inverse of their cross products."""
    partial, weighted = swept[:, 1:], swept * weight[:, None]
    cross = partial.T @ weighted
    scale = np.sqrt(np.diag(cross[:, 1:]))
    bread = np.linalg.inv(cross[:, 1:] / np.outer(scale, scale)) / np.outer(scale, scale)
    return np.asarray(bread @ cross[:, 0]), np.asarray((bread + bread.T) / 2)


def independent(
    partial: np.ndarray, X: np.ndarray, weight: np.ndarray, effects: Effects, names: Sequence[str]
) -> None:
    """Refuse columns without variation of their own beside the effects and each other."""
    if not names:
        raise SpecError("no column to estimate")
    freedom = len(weight) - effects.levels
    if freedom < len(names):
        raise RankDeficient(
            f"{counted(max(freedom, 0), 'row')} beside the effects for {counted(len(names), 'column')}"
        )
    root = np.sqrt(weight)[:, None]
    size = np.maximum(np.linalg.norm(X * root, axis=0), 1e-300)
    triangle = np.asarray(np.linalg.qr(partial * root / size, mode="r"))
    check_rank(triangle, names, len(names) + 1)
