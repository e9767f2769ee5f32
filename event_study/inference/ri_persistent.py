"""A rank test that allows the treated unit to be more persistent than its donors.

The step of a random walk is larger against its months before than the step of an AR(.5) is, so ranking
|b_j| / s_j favours a persistent treated unit (``docs/reference/persistence.md`` has the rates). Here every
gap is an AR(1) of its own, fitted before the first event by restricted likelihood, which a level or a
trend does not bias. What that AR(1) forecasts of b_j from the months before is taken off, and the rest is
measured in standard errors of the forecast. The treated unit's autocorrelation is read at the upper end of
its likelihood interval: an autocorrelation guessed too low is what makes a test of one unit reject.

References: Harville (1977) for the likelihood; Ferman and Pinto (2019) on serial correlation under few
treated units; Chernozhukov, Wuethrich and Zhu (2021) for tests by forecast. Not here: fits
(``estimators``), the ranks themselves (``ri_studentised``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

from event_study.estimators.design import Design
from event_study.inference.ri_studentised import RankTest, rank_test

GRID = 1 - np.linspace(0, 1, 61) ** 1.5  # autocorrelations from 1 down to 0, dense where forecasts differ
DROP = 0.25  # of the log likelihood, 0.7 standard errors: least that holds where calibrated, with a margin


@dataclass(frozen=True)
class Forecasts:
    """Of each unit's contrasts, from its gap before the first event: ``mean`` and ``error`` (…, 1+J, K), the
    ``autocorrelation`` (…, 1+J) they were made with, the treated unit's at its upper end."""

    mean: np.ndarray
    error: np.ndarray
    autocorrelation: np.ndarray


def forecasts(gaps: np.ndarray, design: Design, when: np.ndarray, contrasts: np.ndarray) -> Forecasts:
    """For ``gaps`` (1+J, T), treated first, of one panel or (D, 1+J, T) of many, at ordinals
    ``when`` (T); ``contrasts`` (K, P) of the design.

    Contrasts are of event columns, so that neither they nor ``before`` see a unit's level (or trend).
    """
    X, pre = design.X, design.pre
    weights = contrasts @ np.linalg.solve(X.T @ X, X.T)
    free = null_space(X[pre][:, : 1 + design.trend].T)
    before = gaps[..., pre] @ free
    lags = np.abs(np.subtract.outer(when, when))
    size, likelihood, mean, error = before.shape[-1], [], [], []
    for rho in GRID:
        covariance = _covariance(lags, rho)
        seen = covariance[pre] @ weights.T
        root = np.linalg.cholesky(free.T @ covariance[np.ix_(pre, pre)] @ free)
        white = before @ np.linalg.inv(root).T
        aim = np.linalg.solve(root, free.T @ seen)
        variance = (white**2).mean(axis=-1)
        likelihood.append(-np.log(np.diag(root)).sum() - size / 2 * np.log(variance))
        unseen = np.einsum("kt,ts,ks->k", weights, covariance, weights) - (aim**2).sum(axis=0)
        mean.append(white @ aim)
        error.append(np.sqrt(np.multiply.outer(variance, unseen)))
    fitted = np.asarray(likelihood)
    best = fitted.argmax(axis=0)
    best[..., 0] = (fitted[..., 0] >= fitted[..., 0].max(axis=0) - DROP).argmax(axis=0)
    chosen = best[None, ..., None]
    return Forecasts(
        np.take_along_axis(np.asarray(mean), chosen, axis=0)[0],
        np.take_along_axis(np.asarray(error), chosen, axis=0)[0],
        GRID[best],
    )


def persistent_test(
    b: np.ndarray, gaps: np.ndarray, design: Design, when: np.ndarray, contrast: np.ndarray, alpha: float
) -> RankTest:
    """Rank of |b_1 - forecast| in standard errors among all J+1; the set is around b_1 - forecast, closed
    form, for no forecast sees the treated unit after the event. ``b`` (1+J), infinite for a placebo without
    a finite estimate. Raises ``ResolutionTooCoarse``."""
    known = forecasts(gaps, design, when, contrast[None])
    return rank_test(b - known.mean[:, 0], known.error[:, 0], alpha)


def persistent_ratios(b: np.ndarray, known: Forecasts) -> np.ndarray:
    """|b_jk - forecast| / error for ``b`` (1+J, K): what ``joint_p`` and ``romano_wolf`` rank."""
    return np.asarray(np.abs(b - known.mean) / known.error)


def _covariance(lags: np.ndarray, rho: float) -> np.ndarray:
    """Of an AR(1) with unit innovations, up to a constant that no contrast sees; finite at 1."""
    if rho == 1.0:
        return -lags / 2.0
    return np.asarray((np.power(rho, lags) - 1.0) / (1.0 - rho**2))
