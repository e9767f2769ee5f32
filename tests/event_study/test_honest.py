"""Honest intervals: the published example, optimality, worst cases by linear programming, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import foldnorm, norm

from event_study.errors import InfiniteValue, RankDeficient, SpecError
from event_study.sensitivity.honest.magnitudes import breakdown_rm, honest_rm
from event_study.sensitivity.honest.slopes import slope_matrix
from event_study.sensitivity.honest.smoothness import (
    breakdown_smoothness,
    flcis,
    folded_quantile,
    lasso_path,
    smoothness_frontier,
)
from tests.event_study.honest_example import BETA, FIRST, SIGMA, fixed_length, gap_covariance, random_problem

PUBLISHED = {  # diff-diff 3.13.0, then moderndid 0.2.0
    0.0: ((0.131460, 0.216120), (0.131516, 0.216176)),
    0.01: ((0.154968, 0.270472), (0.154968, 0.270472)),
    0.03: ((0.189358, 0.348595), (0.189357, 0.348595)),
    0.05: ((0.169398, 0.368554), (0.169398, 0.368554)),
    0.1: ((0.119398, 0.418554), (0.119398, 0.418554)),
}
seeds, before, after = st.integers(0, 10_000), st.integers(1, 8), st.integers(1, 6)


@pytest.mark.parametrize("M", PUBLISHED)
def test_published_fixed_length_intervals(M: float) -> None:
    found = fixed_length(BETA, SIGMA, 4, 4, FIRST, M)
    diff_diff, moderndid = PUBLISHED[M]
    assert (found.low, found.high) == pytest.approx(diff_diff, abs=1.1e-6)
    assert (found.low, found.high) == pytest.approx(moderndid, abs=1e-4)


def test_published_bounds() -> None:
    """diff-diff prints [bound -/+ 1.96 se]; the interval that allows for the noise of the largest slope is
    wider than it, and than moderndid's conditional set."""
    naive = {0.5: (0.119031, 0.272891), 1: (0.079287, 0.312635), 1.5: (0.039543, 0.352379),
             2: (-0.000201, 0.392123)}  # fmt: skip
    conditional = {0.5: (0.118331, 0.271073), 1: (0.067787, 0.318622), 1.5: (0.013757, 0.369180),
                   2: (-0.041726, 0.423947)}  # fmt: skip
    se = np.sqrt(SIGMA[4, 4])
    for Mbar, (low, high) in naive.items():
        found = honest_rm(BETA, SIGMA, 4, 4, FIRST, Mbar)
        assert found.bound_low - norm.ppf(0.975) * se == pytest.approx(low, abs=1e-6)
        assert found.bound_high + norm.ppf(0.975) * se == pytest.approx(high, abs=1e-6)
        for other in (naive[Mbar], conditional[Mbar]):
            assert found.low < other[0] and other[1] < found.high
        # wider, but not by more than a third of the naive one's length
        assert found.high - found.low < 1.34 * (high - low)
    for Mbar, (low, high) in conditional.items():
        found = honest_rm(BETA, SIGMA, 4, 4, FIRST, Mbar)
        assert found.high - found.low < 1.1 * (high - low)


def test_the_covariance_decides() -> None:
    """The placebo covariance, and one a clustered error would give: 1/41 of it."""
    b, mean = np.array([0.1, -0.15, 0.05, 0, 1.2, 1.4, 1.5, 1.5]), np.full(4, 0.25)
    placebo = gap_covariance(4, 4, length=3)
    expected = {1.0: ((-0.39, 3.19), (-1.02, 3.82), (-1.84, 4.75)),
                1 / 41: ((1.12, 1.68), (0.50, 2.31), (0.35, 2.51))}  # fmt: skip
    for share, (plain, naive, smooth) in expected.items():
        S = share * placebo
        z = norm.ppf(0.975) * np.sqrt(mean @ S[4:, 4:] @ mean)
        none, rm = honest_rm(b, S, 4, 4, mean, 0.0), honest_rm(b, S, 4, 4, mean, 1.0)
        sd = fixed_length(b, S, 4, 4, mean, 0.1)
        assert (none.low, none.high) == pytest.approx(plain, abs=0.006)
        # the reference prints -1.02 for -1.0191 and 0.50 for 0.4948
        assert (rm.bound_low - z, rm.bound_high + z) == pytest.approx(naive, abs=0.006)
        assert (sd.low, sd.high) == pytest.approx(smooth, abs=0.006)
        assert rm.low < naive[0] and naive[1] < rm.high


def test_no_smoothness_is_the_generalised_least_squares_line() -> None:
    t = np.array([-4, -3, -2, -1, 1, 2, 3, 4.0])
    X = np.column_stack([t, np.vstack([np.zeros((4, 4)), np.eye(4)])])
    precision = X.T @ np.linalg.solve(SIGMA, X)
    effect = np.linalg.solve(precision, X.T @ np.linalg.solve(SIGMA, BETA))
    found = fixed_length(BETA, SIGMA, 4, 4, FIRST, 0.0)
    assert found.estimate == pytest.approx(effect[1], abs=1e-10)
    assert found.std_error == pytest.approx(np.sqrt(np.linalg.inv(precision)[1, 1]), abs=1e-10)


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(1, 20))
def test_the_path_of_a_lasso_is_optimal_at_every_knot(seed: int, size: int) -> None:
    """Karush-Kuhn-Tucker: the gradient is -lambda sign(z) where z is not 0 and within lambda elsewhere;
    the path ends at the unpenalised solution."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(size, size + 2))
    H, g = A @ A.T, rng.normal(size=size)
    path = lasso_path(H, g)
    assert not path[0].any()
    for z in (*path, *((path[1:] + path[:-1]) / 2)):
        gradient = H @ z + g
        level = np.abs(gradient).max()
        in_use = z != 0
        assert np.abs(gradient[in_use] + level * np.sign(z[in_use])).max(initial=0) <= 1e-7 * np.abs(g).max()
    assert path[-1] == pytest.approx(np.linalg.solve(H, -g), rel=1e-6, abs=1e-8)
    assert (np.diff(np.abs(path).sum(axis=1)) > -1e-9).all()


@settings(max_examples=60, deadline=None)
@given(seeds, before, after, st.floats(0.0, 1.0))
def test_bias_is_the_worst_case_and_no_other_weights_are_shorter(
    seed: int, n_pre: int, n_post: int, M: float
) -> None:
    b, S, ell, times = random_problem(seed, n_pre, n_post)
    found = fixed_length(b, S, n_pre, n_post, ell, M, times=times)
    assert found.weights[n_pre:] == pytest.approx(ell)
    assert found.weights @ times == pytest.approx(0, abs=1e-8)
    second = np.diff(slope_matrix(np.diff(np.insert(times, n_pre, 0)), n_pre), axis=0)
    worst = linprog(
        -found.weights, np.vstack([second, -second]), np.full(2 * len(second), M), bounds=(None, None)
    )
    assert found.bias == pytest.approx(-worst.fun, rel=1e-6, abs=1e-7)
    half = found.std_error * folded_quantile(np.array([found.bias / found.std_error]), 0.05)[0]
    assert found.high - found.low == pytest.approx(2 * half)
    # other weights that a linear drift does not move, near and far
    rng = np.random.default_rng(seed + 1)
    unseen = np.linalg.svd(times[None, :n_pre])[2][1:]
    # -sum of partial sums of the weights on slopes: the bias of any such weights
    to_slopes = np.linalg.inv(slope_matrix(np.diff(np.insert(times, n_pre, 0)), n_pre))
    for size in (1e-3, 1e-2, 0.1, 1.0):
        other = found.weights.copy()
        other[:n_pre] += size * rng.normal(size=n_pre - 1) @ unseen
        bias = M * np.abs(np.cumsum(other @ to_slopes)[:-1]).sum()
        se = np.sqrt(other @ S @ other)
        assert se * folded_quantile(np.array([bias / se]), 0.05)[0] >= half * (1 - 1e-9)


@settings(max_examples=60, deadline=None)
@given(seeds, before, after)
def test_intervals_widen_and_a_linear_drift_is_taken_out(seed: int, n_pre: int, n_post: int) -> None:
    b, S, ell, times = random_problem(seed, n_pre, n_post)
    frontier = smoothness_frontier(S, n_pre, n_post, ell, times=times)
    found = flcis(frontier, b, np.linspace(0, 2, 9))
    assert (np.diff([f.high - f.low for f in found]) >= -1e-9).all()
    effect = np.append(np.zeros(n_pre), b[n_pre:])
    drifted = flcis(frontier, effect + 3 * times, np.array([0, 0.3, 3.0]))
    assert [f.estimate for f in drifted] == pytest.approx([ell @ b[n_pre:]] * 3, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(seeds, before, after)
def test_bounds_grow_with_mbar_and_hold_the_identified_set(seed: int, n_pre: int, n_post: int) -> None:
    b, S, ell, times = random_problem(seed, n_pre, n_post)
    found = [honest_rm(b, S, n_pre, n_post, ell, float(m), times=times) for m in np.linspace(0, 3, 13)]
    assert (np.diff([f.low for f in found]) <= 1e-12).all()
    assert (np.diff([f.high for f in found]) >= -1e-12).all()
    assert all(f.low < f.bound_low <= f.bound_high < f.high for f in found)
    se = np.sqrt(ell @ S[n_pre:, n_pre:] @ ell)
    assert found[0].high - found[0].low == pytest.approx(2 * norm.ppf(0.975) * se)


@settings(max_examples=40, deadline=None)
@given(seeds, before, after, st.floats(1e-4, 1e4), st.sampled_from([1.0, -1.0]), st.floats(0.1, 10))
def test_units_of_the_outcome_and_of_time_do_not_matter(
    seed: int, n_pre: int, n_post: int, unit: float, sign: float, clock: float
) -> None:
    b, S, ell, times = random_problem(seed, n_pre, n_post)
    one = fixed_length(b, S, n_pre, n_post, ell, 0.3, times=times)
    other = fixed_length(
        sign * unit * b, unit**2 * S, n_pre, n_post, ell, 0.3 * unit / clock, times=clock * times
    )
    ends = np.sort(sign * unit * np.array([one.low, one.high]))
    assert (other.low, other.high) == pytest.approx(tuple(ends), rel=1e-5, abs=1e-6 * unit)
    # the contrast the other way round
    turned = fixed_length(b, S, n_pre, n_post, -ell, 0.3, times=times)
    assert (turned.low, turned.high) == pytest.approx((-one.high, -one.low), rel=1e-6, abs=1e-6)
    rm = honest_rm(b, S, n_pre, n_post, ell, 0.7, times=times)
    scaled = honest_rm(sign * unit * b, unit**2 * S, n_pre, n_post, ell, 0.7, times=clock * times)
    ends = np.sort(sign * unit * np.array([rm.low, rm.high]))
    assert (scaled.low, scaled.high) == pytest.approx(tuple(ends), rel=1e-8)


def test_breakdown_values_are_where_zero_enters() -> None:
    frontier = smoothness_frontier(SIGMA, 4, 4, FIRST)
    smooth = breakdown_smoothness(frontier, BETA)
    assert smooth is not None
    inside, outside = flcis(frontier, BETA, smooth * np.array([1 - 1e-4, 1 + 1e-4]))
    assert inside.low > 0 > outside.low
    magnitude = breakdown_rm(BETA, SIGMA, 4, 4, FIRST)
    assert magnitude is not None
    assert honest_rm(BETA, SIGMA, 4, 4, FIRST, magnitude).low == pytest.approx(0, abs=1e-9)
    # from below as from above, and none where nothing is found to begin with
    assert breakdown_smoothness(frontier, -BETA) == pytest.approx(smooth)
    assert breakdown_rm(-BETA, SIGMA, 4, 4, FIRST) == pytest.approx(magnitude)
    assert breakdown_smoothness(frontier, 0.01 * BETA) is None
    assert breakdown_rm(0.01 * BETA, SIGMA, 4, 4, FIRST) is None


def test_intervals_cover_under_the_worst_drifts() -> None:
    """Fixed-length: at its worst case coverage is 95 %, not more. Bounds: at least 95 % when the drift after
    is the largest the restriction allows and one slope before stands out."""
    rng, draws, S = np.random.default_rng(20221007), 4000, gap_covariance(4, 4, length=3)
    mean, noise = np.full(4, 0.25), rng.multivariate_normal(np.zeros(8), S, size=draws)
    M = 0.1
    frontier = smoothness_frontier(S, 4, 4, mean)
    one = flcis(frontier, np.zeros(8), np.array([M]))[0]
    second = np.diff(slope_matrix(np.ones(8), 4), axis=0)
    delta = linprog(-one.weights, np.vstack([second, -second]), np.full(14, M), bounds=(-50, 50)).x
    estimates = (delta + noise) @ one.weights
    covered = np.abs(estimates) <= (one.high - one.low) / 2
    assert covered.mean() == pytest.approx(0.95, abs=0.012)
    slopes = np.array([0, 0, 0, 2.0, 2, 2, 2, 2])
    path = np.linalg.solve(slope_matrix(np.ones(8), 4), slopes)
    found = [honest_rm(path + e, S, 4, 4, mean, 1.0) for e in noise[:1000]]
    kept = np.mean([f.low <= 0 <= f.high for f in found])
    z = norm.ppf(0.975) * np.sqrt(mean @ S[4:, 4:] @ mean)
    naive = np.mean([f.bound_low - z <= 0 <= f.bound_high + z for f in found])
    assert kept >= 0.95 - 0.02
    assert naive < 0.92  # what ignoring the noise of the largest slope costs


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.49])
@pytest.mark.parametrize("t", [0.0, 1e-6, 0.3, 2.0, 39.999, 40.001, 1e3, 1e7])
def test_folded_quantile_is_scipys(t: float, alpha: float) -> None:
    """``foldnorm`` searches for every value by itself: as exact, and 400 times as slow."""
    assert folded_quantile(np.array([t]), alpha)[0] == pytest.approx(foldnorm.ppf(1 - alpha, t), rel=1e-10)


def test_what_cannot_be_answered_is_named() -> None:
    with pytest.raises(SpecError, match="S is"):
        fixed_length(BETA, SIGMA, 4, 3, FIRST, 0.1)
    with pytest.raises(SpecError, match="not all 0"):
        fixed_length(BETA, SIGMA, 4, 4, np.zeros(4), 0.1)
    with pytest.raises(SpecError, match="b is"):
        honest_rm(BETA[:7], SIGMA, 4, 4, FIRST, 0.1)
    with pytest.raises(SpecError, match="M is -1"):
        fixed_length(BETA, SIGMA, 4, 4, FIRST, -1)
    with pytest.raises(SpecError, match="Mbar is nan"):
        honest_rm(BETA, SIGMA, 4, 4, FIRST, np.nan)
    with pytest.raises(SpecError, match="expected between 0 and"):
        fixed_length(BETA, SIGMA, 4, 4, FIRST, 0.1, alpha=0.7)
    with pytest.raises(SpecError, match="expected between 0 and"):
        honest_rm(BETA, SIGMA, 4, 4, FIRST, 0.1, alpha=0.7)
    with pytest.raises(SpecError, match="ascend"):
        fixed_length(BETA, SIGMA, 4, 4, FIRST, 0.1, times=np.array([-4, -3, -2, -1, 1, 3, 2, 4.0]))
    with pytest.raises(RankDeficient, match="not positive definite"):
        fixed_length(BETA, np.ones((8, 8)), 4, 4, FIRST, 0.1)
    with pytest.raises(InfiniteValue, match="coefficient"):
        fixed_length(np.where(np.arange(8) == 2, np.nan, BETA), SIGMA, 4, 4, FIRST, 0.1)
