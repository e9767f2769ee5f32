"""Conventional errors: clustered by unit (CRV1), and the gap as one interrupted time series (AR(1)-GLS).

The errors that others would print, for labelled replication rows. With one treated unit its own score is
zero and CRV1 is too small by about sqrt(J + 1): at "5 %" a true null is rejected about three times in
four; with strong serial correlation and tens of periods GLS rejects it more often than it says. Not
here: anything that may be a headline, tests that hold their level (``ri_studentised``, ``conformal``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.regression.linear_model import GLSAR, OLS

from event_study.errors import NotConverged, RankDeficient, SeparatedBin, counted
from event_study.estimators.design import Design
from event_study.estimators.ppml import grouped_logit

ITERATIONS = 200
TOLERANCE = 1e-8


@dataclass(frozen=True)
class Conventional:
    """What a conventional error says; p and [``low``, ``high``] by t, with G - 1 degrees of freedom of G
    clusters, or T - 1 - P of one series."""

    estimate: float
    std_error: float
    p_value: float
    low: float
    high: float


def crv1_ols(Y: np.ndarray, design: Design, contrast: np.ndarray, alpha: float) -> Conventional:
    """Two-way fixed effects of ``Y`` (1+J, T), treated first; ``contrast`` (P) over coefficients. The error
    has the factor G/(G-1) (N-1)/(N-k), k without the effects nested in units.

    >>> from datetime import date
    >>> import numpy as np
    >>> from event_study import crv1_ols, step_design
    >>> years = [date(year, 1, 1) for year in range(2014, 2020)]
    >>> design = step_design(years, "year", [("rule", date(2018, 1, 1))], trend=False)
    >>> Y = np.array([[5.0, 6, 5, 6, 9, 9], [1, 2, 1, 2, 1, 2], [3, 3, 4, 4, 3, 4]])
    >>> round(crv1_ols(Y, design, np.array([0.0, 1.0]), alpha=0.05).estimate, 6)
    3.5
    """
    units, periods = Y.shape
    is_treated = np.zeros(units)
    is_treated[0] = 1.0
    columns = design.X[:, 1:]
    demeaned = (columns - columns.mean(axis=0))[None] * (is_treated - is_treated.mean())[:, None, None]
    response = Y - Y.mean(axis=1, keepdims=True) - Y.mean(axis=0) + Y.mean()
    groups = np.repeat(np.arange(units), periods)
    fit = OLS(response.ravel(), demeaned.reshape(units * periods, -1)).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    return _clustered(fit.params, np.asarray(fit.cov_params()), contrast[1:], units, periods, alpha)


def crv1_ppml(Y: np.ndarray, design: Design, contrast: np.ndarray, alpha: float) -> Conventional:
    """Poisson with unit and period effects. The donors share one course, so the fit of J + T dummies
    is the two-row fit, split by the donors' sizes, and the scores need no dummy either.

    >>> from datetime import date
    >>> import numpy as np
    >>> from event_study import crv1_ppml, step_design
    >>> years = [date(year, 1, 1) for year in range(2014, 2020)]
    >>> design = step_design(years, "year", [("rule", date(2018, 1, 1))], trend=False)
    >>> Y = np.array([[10.0, 9, 11, 10, 20, 20], [5, 4, 5, 6, 5, 5], [2, 2, 3, 2, 2, 3]])
    >>> fitted = crv1_ppml(Y, design, np.array([0.0, 1.0]), alpha=0.05)
    >>> round(float(np.exp(fitted.estimate)), 2)  # (40 / 15) / (40 / 29)
    1.93
    """
    units, periods = Y.shape
    others = Y[1:].sum(axis=0)
    total = Y[0] + others
    coef, separated = grouped_logit(Y[:1], total[None], design.X)
    if separated[0]:
        raise SeparatedBin("no count at all in one of the windows: a log ratio has no finite value")
    fitted = total / (1 + np.exp(-(design.X @ coef[0])))
    rest = total - fitted
    columns = design.X[:, 1:]
    # residualise treated x columns on unit and period effects, weights mu: two rows suffice
    weight = np.concatenate([fitted, rest])
    effects = np.zeros((2 * periods, periods + 1))
    effects[np.arange(2 * periods), np.tile(np.arange(periods), 2)] = 1.0
    effects[:periods, periods] = 1.0
    regressors = np.vstack([columns, np.zeros_like(columns)])
    root = np.sqrt(weight)[:, None]
    projection = np.linalg.lstsq(effects * root, regressors * root, rcond=None)[0]
    residual = regressors - effects @ projection
    bread = np.linalg.inv((residual * weight[:, None]).T @ residual)
    share = Y[1:].sum(axis=1) / others.sum()
    scores = np.vstack(
        [(Y[0] - fitted) @ residual[:periods], (Y[1:] - share[:, None] * rest) @ residual[periods:]]
    )
    return _clustered(coef[0, 1:], bread @ (scores.T @ scores) @ bread, contrast[1:], units, periods, alpha)


def gls_ar1(gap: np.ndarray, X: np.ndarray, contrast: np.ndarray, alpha: float) -> Conventional:
    """GLS of ``gap`` (T) on ``X`` (T, P) with AR(1) errors; c'b, ``contrast`` (P).

    Coefficients and autocorrelation in turn until neither moves (Cochrane and Orcutt 1949: the first
    period only starts the recursion), by statsmodels. Raises ``RankDeficient``, and ``NotConverged``
    also when the autocorrelation reaches 1, where there is no stationary error to weight by.

    >>> import numpy as np
    >>> from event_study import gls_ar1
    >>> X = np.column_stack([np.ones(30), np.arange(30) >= 20]).astype(float)
    >>> fitted = gls_ar1(np.sin(np.arange(30.0)) + 3 * X[:, 1], X, np.array([0.0, 1.0]), alpha=0.05)
    >>> round(fitted.estimate, 2), round(fitted.std_error, 2)
    (3.23, 0.44)
    """
    periods, size = X.shape
    if periods - 1 <= size or np.linalg.matrix_rank(X) < size:
        raise RankDeficient(f"{counted(len(gap), 'period')} do not identify {counted(size, 'coefficient')}")
    model = GLSAR(gap, X, rho=1)
    fit = model.iterative_fit(maxiter=ITERATIONS, rtol=TOLERANCE)
    if not fit.converged or abs(float(model.rho[0])) >= 1.0:
        raise NotConverged(ITERATIONS, TOLERANCE)
    return _wald(fit.params, fit.cov_params(), contrast, periods - 1 - size, alpha)


def _clustered(
    params: np.ndarray, cov: np.ndarray, contrast: np.ndarray, units: int, periods: int, alpha: float
) -> Conventional:
    rows, used = units * periods, len(params) + periods
    factor = units / (units - 1) * (rows - 1) / (rows - used)
    return _wald(params, cov, contrast, units - 1, alpha, factor)


def _wald(
    params: np.ndarray, cov: np.ndarray, contrast: np.ndarray, freedom: int, alpha: float, factor: float = 1.0
) -> Conventional:
    estimate, error = float(contrast @ params), float(np.sqrt(factor * contrast @ cov @ contrast))
    reach = float(stats.t.ppf(1 - alpha / 2, freedom)) * error
    p_value = float(2 * stats.t.sf(abs(estimate) / error, freedom)) if error > 0 else float("nan")
    return Conventional(estimate, error, p_value, estimate - reach, estimate + reach)
