"""Power of a pre-trend test: the reference slopes, brute force, what passing it leaves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, ncx2, norm

from event_study.errors import RankDeficient, SpecError
from event_study.sensitivity.pretrend_power import Test, pretrend_power
from tests.event_study.honest_example import gap_covariance, random_problem


@pytest.mark.parametrize(
    ("n_pre", "n_post", "length", "slopes", "biases"),
    [(11, 12, 1, (0.382, 0.506), (2.48, 3.29)), (4, 4, 3, (0.264, 0.359), (1.98, 2.70))],
)
def test_reference_slopes(
    n_pre: int, n_post: int, length: int, slopes: tuple[float, float], biases: tuple[float, float]
) -> None:
    """Monthly and quarterly leads, slopes per month (Wald). The reference's last bias is its rounded slope's:
    .3593 x 7.5 = 2.695."""
    S = gap_covariance(n_pre, n_post, length)
    times = length * np.delete(np.arange(-n_pre, n_post + 1.0), n_pre)
    found = pretrend_power(S, n_pre, n_post, np.full(n_post, 1 / n_post), drift=times)
    assert [one.power for one in found] == [0.5, 0.8]
    assert [one.slope for one in found] == pytest.approx(slopes, abs=6e-4)
    assert [one.bias for one in found] == pytest.approx(biases, abs=6e-3)


@pytest.mark.parametrize("test", ["wald", "max_t", "any_t"])
def test_brute_force(test: Test) -> None:
    """Draw samples with the slope, test each, average the contrast over those that pass."""
    S, mean = gap_covariance(4, 4, length=3), np.full(4, 0.25)
    rng, times = np.random.default_rng(20221007), np.array([-4, -3, -2, -1, 1, 2, 3, 4.0])
    noise = rng.multivariate_normal(np.zeros(8), S, size=60_000)
    sd = np.sqrt(np.diag(S)[:4])

    def statistic(b: np.ndarray) -> np.ndarray:
        if test == "wald":
            return np.asarray(np.einsum("ij,jk,ik->i", b[:, :4], np.linalg.inv(S[:4, :4]), b[:, :4]))
        return np.asarray(np.abs(b[:, :4] / sd).max(axis=1))

    null = np.quantile(statistic(noise), 0.95)
    critical = {"wald": chi2.ppf(0.95, 4), "max_t": null, "any_t": 1.959964}[test]
    for one in pretrend_power(S, 4, 4, mean, test=test):
        b = noise + one.slope * times
        passed = statistic(b) <= critical
        assert 1 - passed.mean() == pytest.approx(one.power, abs=0.015)
        assert one.bias == pytest.approx(one.slope * 2.5)
        assert b[passed][:, 4:].mean() == pytest.approx(one.bias_if_passed, abs=0.04)
        # Roth's warning: with positive serial correlation passing makes it worse
        assert one.bias_if_passed > one.bias


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 10), st.integers(1, 6), st.floats(1e-3, 1e3))
def test_more_power_needs_a_steeper_slope_in_any_unit(
    seed: int, n_pre: int, n_post: int, unit: float
) -> None:
    _, S, ell, times = random_problem(seed, n_pre, n_post)
    powers = (0.06, 0.3, 0.5, 0.8, 0.99)
    found = pretrend_power(S, n_pre, n_post, ell, drift=times, power=powers)
    slopes = np.array([one.slope for one in found])
    assert (np.diff(slopes) > 0).all()
    unit_slope = times[:n_pre] @ np.linalg.solve(S[:n_pre, :n_pre], times[:n_pre])
    reached = ncx2.sf(chi2.ppf(0.95, n_pre), n_pre, slopes**2 * unit_slope)
    assert reached == pytest.approx(powers, abs=1e-6)
    other = pretrend_power(unit**2 * S, n_pre, n_post, ell, drift=times, power=powers)
    for one, scaled in zip(found, other, strict=True):
        assert scaled.slope == pytest.approx(unit * one.slope, rel=1e-6)
        assert scaled.bias_if_passed == pytest.approx(unit * one.bias_if_passed, rel=1e-5, abs=1e-9 * unit)


def test_a_coefficient_that_the_drift_does_not_move() -> None:
    """Independent coefficients, one of three moved: |N(0, 1)| twice and |N(slope, 1)| once below z."""
    z = norm.ppf(0.975)
    one = pretrend_power(np.eye(4), 3, 1, np.ones(1), drift=np.array([0.0, -1, 0, 1]), test="any_t",
                         power=(0.6,), draws=100_000)[0]  # fmt: skip
    passed = 0.95**2 * (norm.cdf(z - one.slope) - norm.cdf(-z - one.slope))
    assert 1 - passed == pytest.approx(0.6, abs=0.005)


def test_the_seed_decides_what_is_drawn() -> None:
    S, ell = gap_covariance(4, 4, length=3), np.full(4, 0.25)
    one, same, other = (pretrend_power(S, 4, 4, ell, test="max_t", seed=s) for s in (1, 1, 2))
    assert one == same and one != other
    assert other[0].slope == pytest.approx(one[0].slope, rel=0.05)


def test_what_cannot_be_answered_is_named() -> None:
    S, ell = gap_covariance(2, 2, length=3), np.ones(2)
    for test in ("wald", "max_t"):
        for power in (0.01, 1.0):
            with pytest.raises(SpecError, match="power is"):
                pretrend_power(S, 2, 2, ell, power=(power,), test=test)  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="'wald', 'max_t' or 'any_t'"):
        pretrend_power(S, 2, 2, ell, test="t")  # type: ignore[arg-type]
    for drift in (np.array([0.0, 0, 1, 2]), np.array([-2.0, np.nan, 1, 2]), np.ones(3)):
        with pytest.raises(SpecError, match="drift is"):
            pretrend_power(S, 2, 2, ell, drift=drift)
    with pytest.raises(RankDeficient, match="not positive definite"):
        pretrend_power(np.ones((4, 4)), 2, 2, ell)
