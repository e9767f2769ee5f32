"""Synthetic difference-in-differences: Texas prisons, diff-diff, invariances, the size of its rank."""

from __future__ import annotations

from time import process_time

import numpy as np
import pandas as pd
import pytest
from diff_diff import SyntheticDiD
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import MissingReference
from event_study.estimators.gaps import gap_matrix
from event_study.estimators.matrices import as_treated
from event_study.estimators.sdid import sdid
from event_study.inference.ri_studentised import RankTest, rank_test
from tests.event_study.texas import Prisons, prisons


@pytest.fixture(scope="module")
def texas() -> Prisons:
    return prisons()


def ranked(Y: np.ndarray, pre: np.ndarray, post: np.ndarray, scale: np.ndarray) -> RankTest:
    effects = [sdid(as_treated(Y, j), pre, post).effect for j in range(len(Y))]
    return rank_test(np.asarray(effects), scale)


def scale_of(Y: np.ndarray, pre: np.ndarray) -> np.ndarray:
    return np.asarray(gap_matrix(Y)[:, pre].std(axis=1))


def ar1(rng: np.random.Generator, units: int, periods: int, rho: float = 0.8) -> np.ndarray:
    noise = rng.normal(size=(units, periods))
    for t in range(1, periods):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return noise


def by_diff_diff(Y: np.ndarray, pre: np.ndarray) -> tuple[float, np.ndarray]:
    """Its effect and time weights; the two placebo draws are the fewest it takes."""
    units, periods = Y.shape
    rows = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(periods), units),
            "y": Y.ravel(),
        }
    )
    rows["treated"] = (rows["unit"] == 0).astype(int)
    after = [int(t) for t in np.flatnonzero(~pre)]
    fit = SyntheticDiD(n_bootstrap=2, seed=1).fit(rows, "y", "treated", "unit", "time", post_periods=after)
    return float(fit.att), np.asarray(fit.time_weights_array)


def test_texas(texas: Prisons) -> None:
    pre = texas.pre
    fit = sdid(texas.values, pre, ~pre)
    assert fit.effect == pytest.approx(19478.98819, rel=1e-6)
    assert fit.effect == pytest.approx(19478.64652, rel=1e-4)  # diff-diff, recorded
    assert fit.effect == pytest.approx(by_diff_diff(texas.values, pre)[0], rel=1e-4)
    assert fit.time_weights == pytest.approx([0, 0, 0, 0, 0, 0, 0, 1], abs=1e-9)
    assert fit.unit_weights.sum() == pytest.approx(1)


def test_texas_rank(texas: Prisons) -> None:
    pre = texas.pre
    raw = ranked(texas.values, pre, ~pre, np.ones(51))
    assert (raw.p_value, raw.p_floor) == pytest.approx((1 / 51, 1 / 51))
    studentised = ranked(texas.values, pre, ~pre, scale_of(texas.values, pre))
    assert studentised.estimate == raw.estimate
    assert studentised.p_value == pytest.approx(studentised.ranks[0] / 51)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_panels_by_diff_diff(seed: int) -> None:
    """Its Frank-Wolfe, as the authors' own, stops when a step gains less than 1e-5 of the noise: its
    weights are near the optimum and ours no farther."""
    Y = ar1(np.random.default_rng(seed), 13, 30) + 5.0
    pre = np.arange(30) < 20
    effect, times = by_diff_diff(Y, pre)
    fit = sdid(Y, pre, ~pre)
    assert fit.effect == pytest.approx(effect, abs=5e-3)
    assert fit.time_weights == pytest.approx(times, abs=2e-2)
    distance = Y[1:, pre] - Y[1:, ~pre].mean(axis=1, keepdims=True)
    distance -= distance.mean(axis=0)
    own, theirs = ((distance @ w) @ (distance @ w) for w in (fit.time_weights, times))
    assert own <= theirs <= own * 1.01


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(2, 40), st.integers(1, 12))
def test_parallel_units_give_the_effect_itself(seed: int, donors: int, before: int, after: int) -> None:
    """With y_jt = a_j + g_t every choice of weights is right."""
    rng = np.random.default_rng(seed)
    post = np.arange(before + after) >= before
    effect = rng.normal()
    Y = rng.normal(size=(donors + 1, 1)) * 10 + rng.normal(size=before + after).cumsum()
    Y[0] += effect * post
    assert sdid(Y, ~post, post).effect == pytest.approx(effect, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50, 50), st.floats(0.01, 100))
def test_levels_effects_and_units_of_measurement(seed: int, theta: float, unit: float) -> None:
    rng = np.random.default_rng(seed)
    Y, pre = ar1(rng, 9, 24), np.arange(24) < 16
    fit = sdid(Y, pre, ~pre)
    moved = Y + rng.normal(size=(9, 1)) * 10
    moved[0, ~pre] += theta
    other = sdid(unit * moved, pre, ~pre)
    assert other.effect == pytest.approx(unit * (fit.effect + theta), abs=1e-7 * unit)
    assert other.unit_weights == pytest.approx(fit.unit_weights, abs=1e-7)


def test_one_donor_is_difference_in_differences() -> None:
    """One donor leaves the time weights open: the tie-break spreads them evenly."""
    Y = np.array([[1.0, 2.0, 4.0, 9.0], [0.0, 3.0, 1.0, 2.0]])
    fit = sdid(Y, np.array([True, True, True, False]), np.array([False, False, False, True]))
    assert fit.unit_weights.tolist() == [1.0]
    assert fit.time_weights == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert fit.effect == pytest.approx(7 - (1 - 1 + 3) / 3)


def test_hand_computed() -> None:
    """Times: the donors' spread is 4 and 8 before, 3 after, so the first period alone is nearest.

    Units: their differences 0 and 4 have variance 8, the ridge is 8 * sqrt(T1) * T0 = 16, and w_2
    minimises (4 w_2 - 1)^2 / 2 + 16 ((1 - w_2)^2 + w_2^2): 80 w_2 = 36.
    """
    Y = np.array([[5.0, 6.0, 9.0], [0.0, 0.0, 1.0], [4.0, 8.0, 4.0]])
    fit = sdid(Y, np.array([True, True, False]), np.array([False, False, True]))
    assert fit.time_weights == pytest.approx([1, 0])
    assert fit.unit_weights == pytest.approx([0.55, 0.45])
    assert fit.effect == pytest.approx((9 - 0.55 - 0.45 * 4) - (5 - 0.45 * 4))


def test_size_with_a_treated_unit_noisier_than_its_donors() -> None:
    """Unequal variances, treated twice as noisy: the studentised rank holds 1/21, the raw one does not."""
    rng, pre = np.random.default_rng(20221007), np.arange(60) < 48
    studentised = raw = 0
    for _ in range(300):
        Y = ar1(rng, 21, 60) * np.r_[2.0, rng.lognormal(0, 0.3, 20)][:, None]
        studentised += ranked(Y, pre, ~pre, scale_of(Y, pre)).p_value <= 0.05
        raw += ranked(Y, pre, ~pre, np.ones(21)).p_value <= 0.05
    assert 0.01 <= studentised / 300 <= 0.09
    assert raw / 300 > 0.12


def test_set_is_the_test_inverted() -> None:
    Y, pre = ar1(np.random.default_rng(8), 25, 40), np.arange(40) < 30
    test = ranked(Y, pre, ~pre, scale_of(Y, pre))
    for theta in np.linspace(test.low - 1, test.high + 1, 9):
        moved = Y.copy()
        moved[0, ~pre] -= theta
        p_value = ranked(moved, pre, ~pre, scale_of(Y, pre)).p_value
        assert (p_value > 0.05) == (test.low <= theta <= test.high)


def test_sixty_donors_take_a_moment() -> None:
    Y, pre = ar1(np.random.default_rng(9), 61, 70), np.arange(70) < 48
    scale, start = scale_of(Y, pre), process_time()
    ranked(Y, pre, ~pre, scale)
    assert process_time() - start < 1.0


def test_what_cannot_be_estimated_is_named() -> None:
    Y = ar1(np.random.default_rng(1), 20, 10)
    with pytest.raises(MissingReference, match="1 period before the first event, at least 2"):
        sdid(Y, np.arange(10) < 1, np.arange(10) > 1)
