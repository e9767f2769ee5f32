"""Conformal test: shifts by hand and by rolling, sets by inversion, size and power."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import DegeneratePlacebo, NoDonors, SpecError
from event_study.estimators.simplex import simplex_least_squares
from event_study.inference.conformal import Proxy, Statistic, conformal, conformal_set

PROXIES: list[Proxy] = ["did", "sc"]
STATISTICS: list[Statistic] = ["mean_abs", "abs_mean"]


def ar1(rng: np.random.Generator, units: int, periods: int, rho: float = 0.8) -> np.ndarray:
    noise = rng.normal(size=(units, periods))
    for t in range(1, periods):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return noise


def last(periods: int, after: int) -> tuple[np.ndarray, np.ndarray]:
    pre = np.arange(periods) < periods - after
    return pre, ~pre


def test_hand_computed_one_period_after() -> None:
    """Gap 0 0 0 4: residuals -1 -1 -1 3, and only the shift 0 reaches 3; an effect of 4 leaves nothing."""
    Y, (pre, post) = np.array([[1.0, 2.0, 3.0, 8.0], [1.0, 2.0, 3.0, 4.0]]), last(4, 1)
    for statistic in STATISTICS:
        assert conformal(Y, pre, post, "did", statistic) == 1 / 4
        assert conformal(Y, pre, post, "did", statistic, effect=4.0) == 1


def test_hand_computed_two_periods_after() -> None:
    """Residuals -3 -1 1 3, shifts 0..3: sums of |u| are 4 6 4 2, |sums| are 4 0 4 0."""
    Y, (pre, post) = np.array([[0.0, 2.0, 4.0, 6.0], [0.0, 0.0, 0.0, 0.0]]), last(4, 2)
    assert conformal(Y, pre, post, "did", "mean_abs") == 3 / 4
    assert conformal(Y, pre, post, "did", "abs_mean") == 2 / 4


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 8),
    st.integers(3, 25),
    st.sampled_from(PROXIES),
    st.sampled_from(STATISTICS),
    st.floats(-3, 3),
)
def test_is_every_cyclic_shift(
    seed: int, donors: int, periods: int, proxy: Proxy, statistic: Statistic, effect: float
) -> None:
    rng = np.random.default_rng(seed)
    Y, (pre, post) = rng.normal(size=(donors + 1, periods)), last(periods, int(rng.integers(1, periods)))
    y = Y[0] - effect * post
    if proxy == "did":
        u = y - Y[1:].mean(axis=0)
        u = u - u.mean()
    else:
        u = y - simplex_least_squares(Y[1:].T, y) @ Y[1:]
    rolled = [np.roll(u, -h)[post] for h in range(periods)]
    S = [np.abs(r).sum() if statistic == "mean_abs" else abs(r.sum()) for r in rolled]
    expected = sum(s >= S[0] - 1e-10 for s in S) / periods
    assert conformal(Y, pre, post, proxy, statistic, effect) == pytest.approx(expected)


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("statistic", STATISTICS)
def test_an_effect_that_is_there_and_tested_for_is_no_effect(proxy: Proxy, statistic: Statistic) -> None:
    Y, (pre, post) = ar1(np.random.default_rng(2), 13, 40), last(40, 8)
    moved = Y.copy()
    moved[0, post] += 3.0
    p_value = conformal(Y, pre, post, proxy, statistic)
    assert conformal(moved, pre, post, proxy, statistic, effect=3.0) == p_value
    one, other = (
        conformal_set(Y, pre, post, proxy, statistic),
        conformal_set(moved, pre, post, proxy, statistic),
    )
    assert (other.low, other.high) == pytest.approx((one.low + 3, one.high + 3), abs=1e-6)


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("statistic", STATISTICS)
def test_set_is_the_test_inverted(proxy: Proxy, statistic: Statistic) -> None:
    Y, (pre, post) = ar1(np.random.default_rng(3), 13, 40), last(40, 8)
    found = conformal_set(Y, pre, post, proxy, statistic, alpha=0.1)
    gap = Y[0] - Y[1:].mean(axis=0)
    assert found.estimate == pytest.approx(gap[post].mean() - gap[pre].mean())
    assert found.p_value == conformal(Y, pre, post, proxy, statistic)
    assert found.p_floor == 1 / 40
    assert len(found.grid) == 401
    assert np.diff(found.grid) == pytest.approx(np.full(400, 0.05 * gap[pre].std()))
    for i in range(0, 401, 25):
        assert found.p_values[i] == conformal(Y, pre, post, proxy, statistic, float(found.grid[i]))
    kept = found.grid[found.p_values > 0.1]
    assert found.low < kept.min() and found.high > kept.max()
    assert np.isin([found.low, found.high], found.grid[found.p_values <= 0.1]).all()


def test_sets_without_an_end() -> None:
    """A level below 1/T can reject nothing; with more periods after than before the proxy takes the
    effect for the norm and large ones are never rejected."""
    Y, (pre, post) = ar1(np.random.default_rng(4), 13, 40), last(40, 8)
    coarse = conformal_set(Y, pre, post, alpha=0.02)
    assert (coarse.low, coarse.high, coarse.p_floor) == (-np.inf, np.inf, 1 / 40)
    pre, post = last(40, 30)
    assert np.isinf([conformal_set(Y, pre, post).low, conformal_set(Y, pre, post).high]).all()


def test_a_grid_of_rejected_effects_only_is_no_interval() -> None:
    Y, (pre, post) = ar1(np.random.default_rng(5), 13, 40), last(40, 8)
    found = conformal_set(Y, pre, post, grid=np.array([100.0, 200.0]))
    assert np.isnan([found.low, found.high]).all() and (found.p_values == 1 / 40).all()


def test_a_proxy_that_fits_every_period_exactly_says_nothing() -> None:
    """Residuals that are rounding are ties, whatever their order: p is 1, not 1/T."""
    rng, (pre, post) = np.random.default_rng(7), last(6, 2)
    for _ in range(50):
        donors = 1e6 * rng.normal(size=(9, 6))
        Y = np.vstack([rng.dirichlet(np.ones(9)) @ donors, donors])
        assert conformal(Y, pre, post, "sc") == 1


def test_periods_in_neither_window_do_not_count() -> None:
    Y, (pre, post) = ar1(np.random.default_rng(6), 9, 30), last(30, 6)
    kept = np.arange(30) % 7 != 3
    short = conformal(Y[:, kept], pre[kept], post[kept])
    assert conformal(Y, pre & kept, post & kept) == short
    assert conformal_set(Y, pre & kept, post & kept).p_floor == 1 / kept.sum()


def test_size_under_unequal_variances_and_power() -> None:
    """Nominal 5 %, 12 of 60 months after, AR(1) 0.8: few disjoint blocks, so a little above."""
    rng, (pre, post) = np.random.default_rng(20221007), last(60, 12)
    null, found = dict.fromkeys(PROXIES, 0), 0
    for _ in range(300):
        Y = ar1(rng, 21, 60) * rng.lognormal(0, 0.6, (21, 1))
        for proxy in PROXIES:
            null[proxy] += conformal(Y, pre, post, proxy) <= 0.05
        found += conformal(Y, pre, post, effect=-3 * Y[0].std()) <= 0.05
    assert 0.02 <= null["did"] / 300 <= 0.12
    assert 0.01 <= null["sc"] / 300 <= 0.12
    assert found / 300 > 0.5


def test_what_cannot_be_tested_is_named() -> None:
    Y, (pre, post) = np.ones((3, 10)) * np.arange(10), last(10, 3)
    with pytest.raises(DegeneratePlacebo, match="the treated unit does not vary"):
        conformal_set(Y, pre, post)
    with pytest.raises(NoDonors):
        conformal(Y[:1], pre, post)
    with pytest.raises(SpecError, match="proxy ols, statistic mean_abs: expected did or sc"):
        conformal(Y, pre, post, "ols")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="statistic max: expected did or sc, mean_abs or abs_mean"):
        conformal(Y, pre, post, "did", "max")  # type: ignore[arg-type]
