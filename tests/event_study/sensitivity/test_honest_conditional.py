"""The conditional set: moderndid's published values, the linear program it replaces, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import truncnorm

from event_study.errors import InfiniteValue, RankDeficient, SpecError
from event_study.sensitivity.honest import conditional as hc
from event_study.sensitivity.honest.conditional import Restriction, honest_conditional
from event_study.sensitivity.honest.slopes import slope_matrix
from tests.event_study.sensitivity.honest_example import BETA, FIRST, SIGMA, gap_covariance, random_problem

PUBLISHED: list[tuple[Restriction, float, float, float]] = [
    ("rm", 0.5, 0.118331, 0.271073),
    ("rm", 1.0, 0.067787, 0.318622),
    ("rm", 1.5, 0.013757, 0.369180),
    ("rm", 2.0, -0.041726, 0.423947),
    ("sd", 0.0, 0.210810, 0.327040),
    ("sd", 0.05, 0.168086, 0.369273),
    ("sd", 0.1, 0.119504, 0.418026),
]
seeds = st.integers(0, 10_000)


@pytest.mark.parametrize(("restriction", "limit", "low", "high"), PUBLISHED)
def test_published_sets(restriction: Restriction, limit: float, low: float, high: float) -> None:
    """moderndid prints the outermost accepted of 1 000 effects about .001 apart, and its first stage's
    quantile is from 1 000 unseeded draws: its ends lie up to that much inside."""
    found = honest_conditional(BETA, SIGMA, 4, 4, FIRST, limit, restriction)
    assert found.limit == limit
    assert (found.low, found.high) == pytest.approx((low, high), abs=1.5e-3)
    assert found.low < low and high < found.high


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(1, 4), st.integers(1, 6), st.floats(0, 2), st.sampled_from(["rm", "sd"]))
def test_vertices_are_the_linear_program(
    seed: int, n_pre: int, n_post: int, limit: float, restriction: Restriction
) -> None:
    """eta = min over eta and the effects with ell'effects = theta of the largest studentised violation,
    solved as it is stated."""
    b, S, ell, times = random_problem(seed, n_pre, n_post)
    slopes = slope_matrix(np.diff(np.insert(times, n_pre, 0.0)), n_pre)
    cases = list(hc._cases(b, S, n_pre, ell, limit, restriction, slopes))
    theta = float(np.random.default_rng(seed).normal())
    after, before = slopes[n_pre:], slopes[:n_pre]
    if restriction == "sd":
        rows = np.diff(slopes, axis=0)[n_pre - 1 :]
        sets = [(np.vstack([rows, -rows]), limit)]
    else:
        sides = [sign * limit * slope for slope in before for sign in (1, -1)]
        sets = [(np.vstack([after - side, -after - side]), 0.0) for side in sides]
    assert len(cases) == len(sets)
    for case, (A, level) in zip(cases, sets, strict=True):
        sd = np.sqrt(np.diag(A @ S @ A.T))
        # variables: eta, effects after; A (b - effects) - level <= eta sd
        bound = np.column_stack([-sd, -A[:, n_pre:]])
        solved = linprog(
            np.append(1.0, np.zeros(n_post)), bound, level - A @ b,
            np.append(0.0, ell)[None], [theta], bounds=(None, None),
        )  # fmt: skip
        assert max(case.at_zero - case.theta * theta) == pytest.approx(solved.fun, rel=1e-6, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.floats(-6, 6), st.floats(0, 6), st.floats(0, 6))
def test_truncated_tail(low: float, step: float, more: float) -> None:
    at, high = low + step, low + step + more + 0.01
    own = hc._tail(np.array([low]), np.array([at]), np.array([high]))[0]
    assert own == pytest.approx(truncnorm.sf(at, low, high), rel=1e-6, abs=1e-9)


def test_a_tail_far_out_keeps_its_digits() -> None:
    own = hc._tail(np.array([30.0]), np.array([30.02]), np.array([np.inf]))[0]
    assert own == pytest.approx(np.exp(-30.01 * 0.02), rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(seeds, st.floats(1e-3, 1e3), st.sampled_from([1.0, -1.0]), st.sampled_from(["rm", "sd"]))
def test_the_unit_of_the_outcome_does_not_matter(
    seed: int, unit: float, sign: float, restriction: Restriction
) -> None:
    b, S, ell, times = random_problem(seed, 3, 3)
    limit, scaled = (0.8, 0.8) if restriction == "rm" else (0.8, 0.8 * unit)
    one = honest_conditional(b, S, 3, 3, ell, limit, restriction, times=times, draws=4000)
    other = honest_conditional(
        sign * unit * b, unit**2 * S, 3, 3, ell, scaled, restriction, times=times, draws=4000
    )
    ends = tuple(np.sort(sign * unit * np.array([one.low, one.high])))
    # the sign turns the draws of the first stage around
    close = 1e-6 if sign > 0 else 0.05
    assert (other.low, other.high) == pytest.approx(ends, abs=close * unit * (one.high - one.low))


@pytest.mark.slow
def test_sets_cover_where_the_restriction_just_holds() -> None:
    """The drift after is as large as the restriction allows, one slope before stands out (``rm``), or
    every slope turns by M the same way (``sd``)."""
    S, mean = gap_covariance(2, 4, length=3), np.full(4, 0.25)
    rng = np.random.default_rng(20221007)
    slopes = slope_matrix(np.ones(6), 2)
    drifts: dict[Restriction, np.ndarray] = {
        "rm": np.linalg.solve(slopes, np.array([0, 2.0, 2, 2, 2, 2])),
        "sd": np.linalg.solve(slopes, 0.3 * np.arange(6)),
    }
    limits = {"rm": 1.0, "sd": 0.3}
    for restriction, drift in drifts.items():
        found = [
            honest_conditional(drift + e, S, 2, 4, mean, limits[restriction], restriction, draws=2000)
            for e in rng.multivariate_normal(np.zeros(6), S, size=400)
        ]
        covered = np.mean([f.low <= 0 <= f.high for f in found])
        assert covered >= 0.95 - 0.033  # three standard errors


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 4), st.integers(1, 5), st.floats(0, 2), st.sampled_from(["rm", "sd"]))
def test_the_estimate_is_always_held(
    seed: int, n_pre: int, n_post: int, limit: float, restriction: Restriction
) -> None:
    b, S, ell, times = random_problem(seed, n_pre, n_post)
    found = honest_conditional(b, S, n_pre, n_post, ell, limit, restriction, times=times, draws=1000)
    point = ell @ b[n_pre:]
    if restriction == "sd":  # the last slope before goes on: that drift turns nowhere after
        steps = np.diff(np.insert(times, n_pre, 0.0))
        point += ell @ times[n_pre:] * b[n_pre - 1] / steps[n_pre - 1]
    assert found.low < point < found.high


def test_what_cannot_be_answered_is_named() -> None:
    with pytest.raises(SpecError, match="'rm' or 'sd'"):
        honest_conditional(BETA, SIGMA, 4, 4, FIRST, 1.0, "xx")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="limit is -1"):
        honest_conditional(BETA, SIGMA, 4, 4, FIRST, -1.0)
    with pytest.raises(SpecError, match="alpha is 0"):
        honest_conditional(BETA, SIGMA, 4, 4, FIRST, 1.0, alpha=0.0)
    with pytest.raises(RankDeficient, match="not positive definite"):
        honest_conditional(BETA, np.zeros((8, 8)), 4, 4, FIRST, 1.0)
    with pytest.raises(InfiniteValue, match="coefficient"):
        honest_conditional(np.full(8, np.inf), SIGMA, 4, 4, FIRST, 1.0)
