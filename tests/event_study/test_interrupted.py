"""The interrupted series: its iteration by hand, and how far its errors are from their level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from event_study.errors import NotConverged, RankDeficient
from event_study.inference.conventional import gls_ar1

STEP = np.array([0.0, 1.0])


def step(periods: int, after: int) -> np.ndarray:
    return np.column_stack([np.ones(periods), np.arange(periods) >= periods - after]).astype(float)


def ar1(rng: np.random.Generator, periods: int, rho: float = 0.8) -> np.ndarray:
    noise = rng.normal(size=periods)
    for t in range(1, periods):
        noise[t] = rho * noise[t - 1] + np.sqrt(1 - rho**2) * noise[t]
    return noise


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(25, 70))
def test_gls_is_cochrane_and_orcutts_iteration(seed: int, periods: int) -> None:
    """Least squares of x_t - rho x_(t-1), rho that of the demeaned residuals, until it stands."""
    gap, X, rho = ar1(np.random.default_rng(seed), periods, 0.6), step(periods, 8), 0.0
    for _ in range(100):
        y, Z = gap[1:] - rho * gap[:-1], X[1:] - rho * X[:-1]
        b = np.linalg.solve(Z.T @ Z, Z.T @ y)
        u = gap - X @ b
        u = u - u.mean()
        rho = (u[1:] @ u[:-1] / (periods - 1)) / (u @ u / periods)
    error = np.sqrt(((y - Z @ b) ** 2).sum() / (periods - 3) * np.linalg.inv(Z.T @ Z)[1, 1])
    found = gls_ar1(gap, X, STEP, 0.1)
    assert (found.estimate, found.std_error) == pytest.approx((b[1], error), rel=1e-5, abs=1e-6)
    reach = stats.t.ppf(0.95, periods - 3) * found.std_error
    assert (found.low, found.high) == pytest.approx((found.estimate - reach, found.estimate + reach))
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(found.estimate) / found.std_error, periods - 3))


def test_why_it_may_not_be_a_headline() -> None:
    """Nominal 5 %, a gap with AR(1) 0.8, 12 of 60 months after: what the module's docstring says."""
    rng, X = np.random.default_rng(20221007), step(60, 12)
    gaps = [ar1(rng, 60) for _ in range(300)]
    by_gls = np.mean([gls_ar1(g, X, STEP, 0.05).p_value <= 0.05 for g in gaps])
    assert 0.06 < by_gls < 0.2


def test_what_cannot_be_fitted_is_named() -> None:
    gap = np.arange(10.0)
    with pytest.raises(RankDeficient, match="10 periods do not identify 2 coefficients"):
        gls_ar1(gap, np.ones((10, 2)), STEP, 0.05)
    with pytest.raises(RankDeficient, match="3 periods do not identify 2 coefficients"):
        gls_ar1(gap[:3], step(3, 1), STEP, 0.05)


def test_a_gap_without_a_stationary_error_is_named() -> None:
    """Integrated twice, its residuals' autocorrelation is estimated above one."""
    gap = np.random.default_rng(87).normal(size=60).cumsum().cumsum()
    with pytest.raises(NotConverged):
        gls_ar1(gap, step(60, 18), STEP, 0.05)
