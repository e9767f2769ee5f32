"""Power of a pre-trend test: the reference slopes, brute force, what passing it leaves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, ncx2

from event_study.errors import RankDeficient, SpecError
from event_study.sensitivity.pretrend_power import pretrend_power
from tests.event_study.sensitivity.honest_example import gap_covariance, random_problem


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


def test_brute_force() -> None:
    """Draw samples with the slope, test each, average the contrast over those that pass."""
    S, mean = gap_covariance(4, 4, length=3), np.full(4, 0.25)
    rng, times = np.random.default_rng(20221007), np.array([-4, -3, -2, -1, 1, 2, 3, 4.0])
    noise = rng.multivariate_normal(np.zeros(8), S, size=60_000)
    for one in pretrend_power(S, 4, 4, mean):
        b = noise + one.slope * times
        statistic = np.einsum("ij,jk,ik->i", b[:, :4], np.linalg.inv(S[:4, :4]), b[:, :4])
        passed = statistic <= chi2.ppf(0.95, 4)
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


def test_what_cannot_be_answered_is_named() -> None:
    S, ell = gap_covariance(2, 2, length=3), np.ones(2)
    for power in (0.01, 1.0):
        with pytest.raises(SpecError, match="power is"):
            pretrend_power(S, 2, 2, ell, power=(power,))
    for drift in (np.array([0.0, 0, 1, 2]), np.array([-2.0, np.nan, 1, 2]), np.ones(3)):
        with pytest.raises(SpecError, match="drift is"):
            pretrend_power(S, 2, 2, ell, drift=drift)
    with pytest.raises(RankDeficient, match="not positive definite"):
        pretrend_power(np.ones((4, 4)), 2, 2, ell)
