"""The rank of a change among windows of other dates: its p, its set, what it can find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import DegeneratePlacebo, EventOutsidePanel, ResolutionTooCoarse
from event_study.inference.ri_units import permuted_p
from event_study.inference.ri_windows import Placebos, placebo_windows, windows_test

HALF = 4


def series(seed: int, dates: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.arange(HALF, HALF + dates), rng.normal(size=dates), rng.uniform(0.5, 2, dates)


def test_windows_keep_away_from_events_and_from_what_is_not_seen() -> None:
    at, change, scale = series(1)
    change[50] = np.nan
    made = placebo_windows(at, change, scale, [100, 200], HALF)
    assert not any(abs(a - e) < 2 * HALF for a in made.at for e in (100, 200))
    assert at[50] not in made.at and len(made.at) == 300 - 1 - 2 * 15
    assert made.noise == pytest.approx(np.mean(scale[np.isin(at, made.at)] ** 2))
    # windows [t-4, t+4) at 4 to 92, 108 to 188 and 208 to 296, every eighth date
    assert made.windows == 12 + 11 + 12


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(-3, 3), st.floats(-6, 6), st.sampled_from([0.05, 0.1, 0.2]))
def test_the_set_is_what_would_not_be_rejected(
    seed: int, estimate: float, theta: float, alpha: float
) -> None:
    placebos = placebo_windows(*series(seed), [150], HALF)
    test = windows_test(estimate, 0.8, placebos, alpha)
    at_theta = windows_test(estimate - theta, 0.8, placebos, alpha)
    inside = test.low + 1e-9 <= theta <= test.high - 1e-9
    outside = theta < test.low - 1e-9 or theta > test.high + 1e-9
    assert inside or outside
    assert (at_theta.p_value > alpha) == inside
    assert at_theta.p_value >= at_theta.p_floor == 1 / (1 + placebos.windows)


def test_p_counts_placebos_as_large_and_the_detectable_change_is_found_four_times_in_five() -> None:
    placebos = placebo_windows(*series(3), [150], HALF)
    test = windows_test(2.0, 1.0, placebos, 0.05)
    own = 2.0 / np.sqrt((1 + placebos.noise) / 2)
    assert test.p_value == (1 + (np.abs(placebos.t) >= own).sum()) / (1 + len(placebos.t))
    assert test.ranks.min() == 1 and len(test.ranks) == len(placebos.t)
    reached = [np.abs(placebos.t * placebos.scale(1.0) + sign * test.detectable) > test.high - test.estimate
               for sign in (1, -1)]  # fmt: skip
    assert np.mean(reached) == pytest.approx(0.8, abs=0.03)


def test_an_effect_without_bounds_has_the_floor() -> None:
    placebos = placebo_windows(*series(4), [150], HALF)
    assert windows_test(1e6, 1.0, placebos, 0.05).p_value == 1 / (1 + placebos.windows)


def test_what_cannot_be_ranked_says_why() -> None:
    few = placebo_windows(*series(1, dates=140), [], HALF)
    with pytest.raises(ResolutionTooCoarse, match="disjoint placebo windows: a test over dates needs 20"):
        windows_test(1.0, 1.0, few, 0.05)
    placebos = placebo_windows(*series(1), [], HALF)
    with pytest.raises(ResolutionTooCoarse, match="needs 99"):
        windows_test(1.0, 1.0, placebos, 0.01)
    with pytest.raises(EventOutsidePanel):
        windows_test(float("nan"), 1.0, placebos, 0.05)
    with pytest.raises(DegeneratePlacebo, match="the gap does not vary"):
        windows_test(1.0, 0.0, Placebos(placebos.at, placebos.t * 0, placebos.windows, 0.0), 0.05)


def test_permuting_sides_counts_the_draws_that_differ_as_much() -> None:
    before = np.asarray([10.0] * 6)
    after = np.asarray([20.0, 20.0, 20.0, 10.0, 10.0, 10.0])
    treated = np.asarray([True] * 3 + [False] * 3)
    p = permuted_p(before, after, treated, log=True, draws=2000, seed=1)
    assert p == pytest.approx(2 / 20, abs=0.02)  # of the 20 ways to choose three, the real one and its mirror
    assert permuted_p(before, after, treated, log=False, draws=2000, seed=1) == pytest.approx(0.1, abs=0.02)
    assert permuted_p(before, after * ~treated, treated, log=True, draws=99, seed=1) is None
