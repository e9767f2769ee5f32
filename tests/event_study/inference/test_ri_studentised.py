"""The headline test: a hand example, its size where clustered errors fail, its sets, step-down."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import DegeneratePlacebo, ResolutionTooCoarse
from event_study.estimators.design import Design, step_design
from event_study.estimators.registry import fit_gaps
from event_study.inference.conventional import crv1_ols
from event_study.inference.ri_studentised import joint_p, joint_ratios, rank_test, romano_wolf, usable

HAND = np.array(
    [[1, 2, 1, 2, 5, 6], [1, 1, 2, 2, 2, 2], [0, 1, 0, 1, 1, 0], [2, 2, 3, 3, 2, 3], [5, 4, 5, 4, 5, 5]],
    float,
)


def months(n: int) -> list[date]:
    return [date(2019 + i // 12, i % 12 + 1, 1) for i in range(n)]


def step_after(n: int, pre: int) -> Design:
    return step_design(months(n), "month", [("e", months(n)[pre])], trend=False)


def test_hand_example() -> None:
    fits = fit_gaps(HAND, step_after(6, 4))
    b = fits.coef[:, 1]
    assert b == pytest.approx([3.75, 1 / 3, -1 / 3, -1 / 3, 1 / 3], abs=1e-12)
    assert fits.scale == pytest.approx([0.55901699, 1 / 3, 0.74535599, 1 / 3, 0.74535599], abs=1e-8)
    test = rank_test(b, fits.scale, alpha=0.2)
    assert test.ratios == pytest.approx([6.70820393, 1, 0.4472136, 1, 0.4472136], abs=1e-7)
    assert test.p_value == test.p_floor == pytest.approx(0.2)
    assert (test.low, test.high) == pytest.approx((3.1909830056, 4.3090169944), abs=1e-9)
    assert list(test.ranks) == [1, 3, 5, 3, 5]


def ar1(rng: np.random.Generator, units: int, periods: int, rho: float = 0.8) -> np.ndarray:
    noise = rng.normal(size=(units, periods))
    for t in range(1, periods):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return noise * rng.lognormal(0, 0.6, (units, 1))


def test_size_where_clustered_errors_reject_most_true_nulls() -> None:
    rng, design = np.random.default_rng(20221007), step_after(60, 48)
    contrast = design.contrast(["e"], [1.0])
    ranked = clustered = covered = 0
    for _ in range(500):
        Y = ar1(rng, 41, 60)
        fits = fit_gaps(Y, design)
        test = rank_test(fits.coef @ contrast, fits.scale)
        ranked += test.p_value <= 0.05
        covered += test.low <= 0 <= test.high
        gap = fits.gaps[0] - design.X @ fits.coef[0]
        # the closed form that crv1_ols agrees with (next test), for speed: its donors' scores only
        clustered += abs(fits.coef[0, 1]) > 2.021 * _closed_form_error(Y, gap, design)
    assert 0.02 <= ranked / 500 <= 0.08
    assert covered == 500 - ranked
    assert clustered / 500 > 0.6


def _closed_form_error(Y: np.ndarray, gap: np.ndarray, design: Design) -> float:
    donors = Y[1:] - Y[1:].mean(axis=0)
    change = donors @ design.X @ np.linalg.inv(design.X.T @ design.X)[:, 1]
    J, T = len(donors), Y.shape[1]
    factor = (J + 1) / J * ((J + 1) * T - 1) / ((J + 1) * T - 1 - T)
    return float(np.sqrt(factor * (change**2).sum()) / J)


def test_closed_form_error_is_crv1() -> None:
    design = step_after(40, 30)
    Y = ar1(np.random.default_rng(3), 21, 40)
    fits = fit_gaps(Y, design)
    expected = _closed_form_error(Y, fits.gaps[0], design)
    assert crv1_ols(Y, design, design.contrast(["e"], [1.0]), 0.05).std_error == pytest.approx(
        expected, rel=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(19, 60), st.integers(0, 10_000), st.floats(-3, 3))
def test_set_is_the_test_inverted(donors: int, seed: int, theta: float) -> None:
    """theta is in the set exactly when the test of b - theta does not reject."""
    rng = np.random.default_rng(seed)
    b, scale = rng.normal(size=donors + 1), rng.lognormal(size=donors + 1)
    test = rank_test(b, scale)
    moved = b.copy()
    moved[0] -= theta
    assert (test.low <= theta <= test.high) == (rank_test(moved, scale).p_value > 0.05)


def test_eighteen_donors_can_never_reject() -> None:
    with pytest.raises(ResolutionTooCoarse, match="18 donors: the smallest p-value is 1/19"):
        rank_test(np.ones(19), np.ones(19))
    assert rank_test(np.r_[9.0, np.ones(19)], np.ones(20)).p_value == pytest.approx(0.05)


def test_units_without_variation_have_no_scale() -> None:
    assert list(usable(np.array([1.0, 1e-14, 1.0, 1.0]), "abcd", 1e-13)) == [True, False, True, True]
    assert list(usable(np.array([1.0, 1e-14, 1e-14, 1e-14]), "abcd", 1e-13)) == [True, False, False, False]
    with pytest.raises(DegeneratePlacebo, match="a does not vary"):
        usable(np.array([0.0, 1.0, 1.0, 1.0]), "abcd", 0.0)


def test_step_down_is_at_least_the_single_and_at_most_the_joint_worst_case() -> None:
    rng = np.random.default_rng(5)
    ratios = joint_ratios(rng.normal(size=(41, 3)), np.ones(41), np.ones(3))
    ratios[0] = [9.0, 2.2, 0.1]
    adjusted = romano_wolf(ratios)
    single = [(r >= r[0]).mean() for r in ratios.T]
    assert (adjusted >= np.array(single) - 1e-12).all()
    assert list(adjusted) == sorted(adjusted)
    assert adjusted[0] == pytest.approx(joint_p(ratios)) == pytest.approx(1 / 41)
    assert adjusted[2] == pytest.approx(single[2])
