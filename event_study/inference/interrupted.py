"""Conventional: the gap as one interrupted time series, with HAC or AR(1)-GLS errors.

In a balanced panel with one treated unit the two-way fixed-effects coefficients are OLS of the gap on
the design. With strong serial correlation and tens of periods both reject a true null more often than
they say, HAC several times as often, so nothing here may be a headline: these are the errors that
others would print. Not here: tests that hold their level (``ri_studentised``, ``conformal``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.regression.linear_model import GLSAR, OLS

from event_study.errors import NotConverged, RankDeficient, counted

ITERATIONS = 200
TOLERANCE = 1e-8


@dataclass(frozen=True)
class Conventional:
    """What a conventional error says; intervals and p by t with T - P degrees of freedom."""

    estimate: float
    std_error: float
    p_value: float
    low: float
    high: float


def hac(
    gap: np.ndarray,
    X: np.ndarray,
    contrast: np.ndarray,
    alpha: float,
    lags: int,
    *,
    correction: bool = False,
) -> Conventional:
    """Conventional. OLS of ``gap`` (T) on ``X`` (T, P), Bartlett kernel over ``lags``; c'b, ``contrast`` (P).

    ``correction`` multiplies the covariance by T/(T-P). Reference: Newey and West (1987), by statsmodels.
    Raises ``RankDeficient``.
    """
    _check(gap, X)
    fit = OLS(gap, X).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": correction})
    return _wald(fit.params, fit.cov_params(), contrast, len(gap) - X.shape[1], alpha)


def gls_ar1(gap: np.ndarray, X: np.ndarray, contrast: np.ndarray, alpha: float) -> Conventional:
    """Conventional. GLS of ``gap`` (T) on ``X`` (T, P) with AR(1) errors; c'b, ``contrast`` (P).

    Coefficients and autocorrelation in turn until neither moves (Cochrane and Orcutt 1949: the first
    period only starts the recursion), by statsmodels. Raises ``RankDeficient``, and ``NotConverged``
    also when the autocorrelation reaches 1, where there is no stationary error to weight by.
    """
    _check(gap, X)
    model = GLSAR(gap, X, rho=1)
    fit = model.iterative_fit(maxiter=ITERATIONS, rtol=TOLERANCE)
    if not fit.converged or abs(float(model.rho[0])) >= 1.0:
        raise NotConverged(ITERATIONS, TOLERANCE)
    return _wald(fit.params, fit.cov_params(), contrast, len(gap) - 1 - X.shape[1], alpha)


def _check(gap: np.ndarray, X: np.ndarray) -> None:
    periods, size = X.shape
    if periods - 1 <= size or np.linalg.matrix_rank(X) < size:
        raise RankDeficient(f"{counted(len(gap), 'period')} do not identify {counted(size, 'coefficient')}")


def _wald(
    params: np.ndarray, cov: np.ndarray, contrast: np.ndarray, freedom: int, alpha: float
) -> Conventional:
    estimate, error = float(contrast @ params), float(np.sqrt(contrast @ cov @ contrast))
    reach = float(stats.t.ppf(1 - alpha / 2, freedom)) * error
    p_value = float(2 * stats.t.sf(abs(estimate) / error, freedom)) if error > 0 else float("nan")
    return Conventional(estimate, error, p_value, estimate - reach, estimate + reach)
