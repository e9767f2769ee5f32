"""Errors that others would print, for many draws at once: by unit (CRV1), iid and AR(1)-GLS.

The formulas of ``event_study.inference.conventional``, which go through statsmodels one panel at a
time; tests hold them equal. Not here: anything that may be a headline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from event_study.estimators.design import Design
from event_study.estimators.ppml import grouped_logit
from event_study.inference.conventional import ITERATIONS, TOLERANCE


@dataclass(frozen=True)
class Wald:
    """``coef`` (D, P) and ``cov`` (D, P, P) over the design's columns; nan where a fit did not converge.
    ``freedom`` of the t distribution, infinite for the normal."""

    coef: np.ndarray
    cov: np.ndarray
    freedom: float

    @property
    def has_verdict(self) -> np.ndarray:
        """Which draws have one (D)."""
        return np.asarray(np.isfinite(self.cov).all(axis=(1, 2)))

    def covers(self, contrast: np.ndarray, truth: np.ndarray | float, alpha: float) -> np.ndarray:
        """Whether each draw's interval of c'b holds ``truth`` (D)."""
        error = np.sqrt(np.einsum("p,dpq,q->d", contrast, self.cov, contrast))
        reach = stats.t.ppf(1 - alpha / 2, self.freedom) * error
        return np.asarray(np.abs(self.coef @ contrast - truth) <= reach)

    def joint_rejects(self, maps: np.ndarray, alpha: float) -> np.ndarray:
        """Chi-square test that all of ``maps`` (N, P) @ b are zero (D)."""
        b = self.coef @ maps.T
        cov = np.einsum("np,dpq,mq->dnm", maps, self.cov, maps)
        wald = (b * np.linalg.solve(cov, b[..., None])[..., 0]).sum(axis=1)
        return np.asarray(stats.chi2.sf(wald, len(maps)) <= alpha)


def crv1(values: np.ndarray, design: Design) -> Wald:
    """Two-way fixed effects clustered by unit, as ``event_study.inference.conventional.crv1_ols``; ``values``
    (D, 1+J, T). The treated unit's own score is zero: only donors' noise is left in the error."""
    coef, bread, own, columns, residual = _two_way(values, design)
    _, units, periods = values.shape
    scores = own[:, None] * (residual @ columns)
    meat = np.einsum("dup,duq->dpq", scores, scores)
    rows, used = units * periods, columns.shape[1] + periods
    factor = units / (units - 1) * (rows - 1) / (rows - used)
    return Wald(coef, _padded(factor * bread @ meat @ bread), units - 1)


def iid(values: np.ndarray, design: Design) -> Wald:
    """Two-way fixed effects with one variance and no correlation; ``values`` (D, 1+J, T)."""
    coef, bread, _, columns, residual = _two_way(values, design)
    _, units, periods = values.shape
    freedom = units * periods - units - (periods - 1) - columns.shape[1]
    variance = (residual**2).sum(axis=(1, 2)) / freedom
    return Wald(coef, _padded(variance[:, None, None] * bread), freedom)


def gls_ar1(gaps: np.ndarray, X: np.ndarray) -> Wald:
    """Cochrane-Orcutt iterated, as ``conventional.gls_ar1``; ``gaps`` (D, T), ``X`` (T, P).

    A draw whose iteration does not settle, or whose autocorrelation reaches 1, has no verdict.
    """
    draws, (periods, size) = len(gaps), X.shape
    coef, cov = np.full((draws, size), np.nan), np.full((draws, size, size), np.nan)
    active, rho = np.arange(draws), np.zeros(draws)
    last = np.full((draws, size), np.nan)
    for _ in range(ITERATIONS - 1):
        y, r = gaps[active], rho[active, None]
        yw = y[:, 1:] - r * y[:, :-1]
        xw = X[1:] - r[..., None] * X[:-1]
        bread = np.linalg.inv(np.einsum("dtp,dtq->dpq", xw, xw))
        b = np.einsum("dpq,dtq,dt->dp", bread, xw, yw, optimize=True)
        settled = (np.abs(last[active] - b) / np.abs(last[active])).max(axis=1) < TOLERANCE
        fine = settled & (np.abs(r[:, 0]) < 1)
        white = yw - np.einsum("dtp,dp->dt", xw, b)
        variance = (white**2).sum(axis=1) / (periods - 1 - size)
        coef[active[fine]], cov[active[fine]] = b[fine], (variance[:, None, None] * bread)[fine]
        residual = y - b @ X.T
        residual = residual - residual.mean(axis=1, keepdims=True)
        covariance = (residual[:, 1:] * residual[:, :-1]).sum(axis=1) / (periods - 1)
        rho[active], last[active] = covariance / (residual**2).mean(axis=1), b
        active = active[~settled]
        if not len(active):
            break
    return Wald(coef, cov, periods - 1 - size)


def poisson(values: np.ndarray, design: Design) -> Wald:
    """PPML with the Poisson model's own errors: no overdispersion, no correlation; (D, 1+J, T)."""
    own, total, X = values[:, 0], values.sum(axis=1), design.X
    coef, separated = grouped_logit(own, total, X)
    share = 1 / (1 + np.exp(-(coef @ X.T)))
    information = np.einsum("dt,tp,tq->dpq", total * share * (1 - share), X, X, optimize=True)
    cov = np.linalg.inv(information)
    cov[separated] = np.nan
    return Wald(coef, cov, np.inf)


def _two_way(
    values: np.ndarray, design: Design
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients padded to the design's columns (D, P), (Z'Z)^-1 (P-1, P-1), the treated dummy less its
    mean (1+J), columns less their means (T, P-1), residuals (D, 1+J, T)."""
    _, units, _ = values.shape
    own = np.zeros(units)
    own[0] = 1.0
    own -= own.mean()
    columns = design.X[:, 1:] - design.X[:, 1:].mean(axis=0)
    bread = np.linalg.inv(columns.T @ columns) / (own @ own)
    demeaned = (
        values - values.mean(axis=2, keepdims=True) - values.mean(axis=1, keepdims=True)
        + values.mean(axis=(1, 2), keepdims=True)
    )  # fmt: skip
    b = np.einsum("u,dut,tp->dp", own, demeaned, columns, optimize=True) @ bread
    residual = demeaned - own[:, None] * (b @ columns.T)[:, None, :]
    return np.column_stack([np.zeros(len(b)), b]), bread, own, columns, residual


def _padded(cov: np.ndarray) -> np.ndarray:
    """A row and a column of zeros for the constant, which fixed effects absorb."""
    return np.pad(cov, ((0, 0), (1, 0), (1, 0)))
