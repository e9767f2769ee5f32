"""Ferman-Pinto: a hand example, the variance function, size where the treated group is small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import DegeneratePlacebo, ResolutionTooCoarse
from event_study.inference.ferman_pinto import ferman_pinto
from event_study.inference.ri_studentised import rank_test


def test_hand_computed() -> None:
    """Donors 1, -1 (size 4) and 4, -4 (size 1), each against the mean of the other three: 4/3 of
    themselves. W^2 = 16/9 (1, 1, 16, 16) on 1 and 1/q = (1/4, 1/4, 1, 1): b = 16/9 * 20 and a < 0, so
    a = 0 and b is the slope through zero."""
    d, q = np.array([2.0, 1.0, -1.0, 4.0, -4.0]), np.array([4.0, 4.0, 4.0, 1.0, 1.0])
    found = ferman_pinto(d, q, alpha=0.2)
    slope = 16 / 9 * (2 * 1 / 4 + 2 * 16) / (2 / 16 + 2)
    assert (found.floor, found.slope) == pytest.approx((0, slope))
    assert found.variance == pytest.approx(slope / q)
    # |W| sqrt(v_1/v_j): 2 against 4/3, 4/3 and 4 * 4/3 / 2, 4 * 4/3 / 2
    assert found.test.ratios * np.sqrt(found.variance[0]) == pytest.approx([2, 4 / 3, 4 / 3, 8 / 3, 8 / 3])
    assert (found.test.estimate, found.test.p_value) == pytest.approx((2, 3 / 5))
    reach = found.test.critical * np.sqrt(found.variance[0])
    assert (found.test.low, found.test.high) == pytest.approx((2 - reach, 2 + reach))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(19, 60), st.floats(0.001, 1000))
def test_variance_function_is_least_squares_never_negative(seed: int, donors: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    q = rng.lognormal(size=donors + 1)
    d = rng.normal(size=donors + 1) * np.sqrt(1 + rng.uniform(0, 3) / q)
    found = ferman_pinto(d, q)
    W2 = ((d[1:] - d[1:].mean()) * donors / (donors - 1)) ** 2
    Z = np.column_stack([np.ones(donors), 1 / q[1:]])
    free = np.linalg.lstsq(Z, W2, rcond=None)[0]
    if free.min() >= 0:
        assert (found.floor, found.slope) == pytest.approx(tuple(free), rel=1e-6)
    elif free[1] < 0:
        assert (found.floor, found.slope) == pytest.approx((W2.mean(), 0.0))
    else:
        assert (found.floor, found.slope) == pytest.approx((0.0, Z[:, 1] @ W2 / (Z[:, 1] @ Z[:, 1])))
    assert found.variance == pytest.approx(found.floor + found.slope / q)
    # the unit in which size is counted does not matter
    other = ferman_pinto(d, unit * q)
    assert other.variance == pytest.approx(found.variance)
    assert other.test.p_value == found.test.p_value


def test_equal_sizes_give_the_plain_rank() -> None:
    d = np.random.default_rng(2).normal(size=31)
    W = np.append(d[0] - d[1:].mean(), (d[1:] - d[1:].mean()) * 30 / 29)
    assert ferman_pinto(d, np.full(31, 7.0)).test.p_value == rank_test(W, np.ones(31)).p_value


def test_the_treated_unit_is_in_no_placebo_and_not_in_the_variance() -> None:
    rng = np.random.default_rng(3)
    d, q = rng.normal(size=31), rng.lognormal(size=31)
    one = ferman_pinto(d, q)
    d[0] += 50.0
    other = ferman_pinto(d, q)
    assert other.test.ratios[1:].tolist() == one.test.ratios[1:].tolist()
    assert other.test.estimate == pytest.approx(one.test.estimate + 50)
    assert other.variance.tolist() == one.variance.tolist()


def rejections(size: float) -> tuple[float, float]:
    """Share of true nulls rejected at 5 %, rescaled and plain, Var = 1 + 4/q, donors' q lognormal."""
    rng = np.random.default_rng(20221007)
    rescaled = plain = 0
    for _ in range(500):
        q = np.append(size, rng.lognormal(0, 1, 40))
        d = rng.normal(size=41) * np.sqrt(1 + 4 / q)
        rescaled += ferman_pinto(d, q).test.p_value <= 0.05
        plain += rank_test(d - d[1:].mean(), np.ones(41)).p_value <= 0.05
    return rescaled / 500, plain / 500


def test_size_when_the_treated_group_is_small_or_large() -> None:
    """The plain rank rejects far too often for a small group and never for a large one; far beyond the
    donors' sizes the rescaled one fails too, and says so."""
    small, plain_small = rejections(0.25)
    large, plain_large = rejections(4.0)
    assert 0.02 <= large <= 0.09 and 0.02 <= small <= 0.12
    assert plain_small > 1.5 * small and plain_large < 0.01
    assert rejections(1000.0)[0] > 0.15


def test_a_treated_unit_beyond_the_donors_sizes_is_told() -> None:
    d, q = np.random.default_rng(4).normal(size=21), np.arange(1.0, 22.0)
    flags = [ferman_pinto(d, np.append(size, q[1:])).extrapolated for size in (1.9, 2.0, 21.0, 21.1)]
    assert flags == [True, False, False, True]


def test_what_cannot_be_tested_is_named() -> None:
    d, q = np.arange(21.0), np.ones(21)
    with pytest.raises(ResolutionTooCoarse, match="18 donors"):
        ferman_pinto(d[:19], q[:19])
    with pytest.raises(DegeneratePlacebo, match="donor 2 has size 0: its estimate has no scale"):
        ferman_pinto(d, np.where(d == 2, 0.0, q))
    with pytest.raises(DegeneratePlacebo, match="the treated unit has size nan"):
        ferman_pinto(d, np.where(d == 0, np.nan, q))
    with pytest.raises(DegeneratePlacebo, match="every donor has the same difference"):
        ferman_pinto(np.ones(21), q)
