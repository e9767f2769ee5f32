"""The rank test by forecasts: exact cases, what it may not depend on, sets that invert it, its level."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_study.estimators.design import Design, step_design
from event_study.estimators.gaps import gap_matrix
from event_study.inference.ri_persistent import forecasts, persistent_ratios, persistent_test
from event_study.inference.ri_studentised import RankTest, joint_p, rank_test, romano_wolf

MONTHS = [date(2020 + i // 12, i % 12 + 1, 1) for i in range(36)]
WHEN = np.arange(36)
SEEDS = st.integers(0, 10_000)


def design(trend: bool = False) -> Design:
    return step_design(MONTHS, "month", [("a", MONTHS[24]), ("b", MONTHS[30])], trend=trend)


def contrast(chosen: Design) -> np.ndarray:
    return chosen.contrast(["a", "b"], [0.5, 0.5])


def panel(seed: int, donors: int = 20) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(1 + donors, 36)).cumsum(axis=1)


def answer(Y: np.ndarray, chosen: Design, when: np.ndarray = WHEN) -> RankTest:
    gaps, c = gap_matrix(Y), contrast(chosen)
    b = gaps @ chosen.X @ np.linalg.inv(chosen.X.T @ chosen.X) @ c
    return persistent_test(b, gaps, chosen, when, c, 0.05)


def test_forecasts_of_a_random_walk_by_hand() -> None:
    """One event after four periods, two after it: a walk is forecast at its last value, so b is forecast at
    that less the mean before; its error is the walk's, sqrt(mean over post of min(i, j)) = sqrt(5/4)."""
    chosen = step_design(MONTHS[:6], "month", [("a", MONTHS[4])], trend=False)
    gaps = np.array([[0.0, 1.0, 2.0, 3.0, 9.0, 9.0]] * 2)  # steady steps: the likelihood is largest at 1
    known = forecasts(gaps, chosen, np.arange(6), chosen.contrast(["a"], [1.0])[None])
    assert known.autocorrelation == pytest.approx([1.0, 1.0])
    assert known.mean[:, 0] == pytest.approx([1.5, 1.5])
    assert known.error[:, 0] == pytest.approx([np.sqrt(5 / 4)] * 2)


def test_forecasts_of_white_noise_are_the_plain_standard_error() -> None:
    chosen = step_design(MONTHS[:6], "month", [("a", MONTHS[4])], trend=False)
    gaps = np.array([[1.0, -1.0, 1.0, -1.0, 5.0, 5.0]] * 2)  # alternating: the likelihood is largest at 0
    known = forecasts(gaps, chosen, np.arange(6), chosen.contrast(["a"], [1.0])[None])
    assert known.autocorrelation[1] == 0.0
    assert known.mean[1, 0] == pytest.approx(0.0, abs=1e-12)
    assert known.error[1, 0] == pytest.approx(np.sqrt(4 / 3 * (1 / 4 + 1 / 2)))


def test_the_treated_unit_is_taken_as_more_persistent_than_its_likelihood_says() -> None:
    rng = np.random.default_rng(3)
    gaps = np.repeat(rng.normal(size=(1, 36)), 2, axis=0)
    known = forecasts(gaps, design(), WHEN, contrast(design())[None])
    assert known.autocorrelation[0] > known.autocorrelation[1]


@given(SEEDS, st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.booleans())
def test_level_scale_and_unit_order_do_not_matter(seed: int, level: float, size: float, trend: bool) -> None:
    Y, chosen = panel(seed), design(trend)
    rng = np.random.default_rng(seed)
    order = np.r_[0, 1 + rng.permutation(20)]
    first, second = answer(Y, chosen), answer(size * (Y[order] + level * rng.normal(size=(21, 1))), chosen)
    assert second.p_value == first.p_value
    assert [second.low, second.high] == pytest.approx(
        [size * first.low, size * first.high], rel=1e-5, abs=1e-5
    )


@given(SEEDS)
def test_with_a_unit_trend_no_straight_line_matters(seed: int) -> None:
    Y = panel(seed)
    lines = np.multiply.outer(np.random.default_rng(seed).normal(size=21), WHEN)
    first, second = answer(Y, design(True)), answer(Y + lines, design(True))
    assert [second.low, second.high] == pytest.approx([first.low, first.high], rel=1e-5, abs=1e-5)


@given(SEEDS, st.floats(-20, 20))
def test_the_set_holds_what_the_test_does_not_reject(seed: int, theta: float) -> None:
    """An effect taken off the treated unit after the events, at half of the weight each."""
    Y, chosen = panel(seed), design()
    moved = Y.copy()
    moved[0] -= theta * chosen.X[:, 1:].sum(axis=1)
    test = answer(Y, chosen)
    assert (test.low <= theta <= test.high) == (answer(moved, chosen).p_value > 0.05)


def test_the_donors_never_see_the_treated_unit() -> None:
    Y = panel(1)
    other = Y.copy()
    other[0] = panel(2)[0]
    assert answer(Y, design()).critical == pytest.approx(answer(other, design()).critical)


def test_a_hole_in_time_is_a_longer_lag() -> None:
    """Two months left out before the events: the same periods read as neighbours give another forecast."""
    keep = np.delete(WHEN, [10, 11])
    chosen = step_design(
        [MONTHS[i] for i in keep], "month", [("a", MONTHS[24]), ("b", MONTHS[30])], trend=False
    )
    Y = panel(4)[:, keep]
    assert answer(Y, chosen, keep).high != pytest.approx(answer(Y, chosen, np.arange(34)).high)


def test_ratios_of_several_steps_go_to_the_joint_test_and_the_step_down() -> None:
    Y, chosen = panel(5), design()
    Y[0] += 40 * chosen.X[:, 2]
    gaps = gap_matrix(Y)
    maps = chosen.map
    b = gaps @ chosen.X @ np.linalg.inv(chosen.X.T @ chosen.X) @ maps.T
    ratios = persistent_ratios(b, forecasts(gaps, chosen, WHEN, maps))
    assert joint_p(ratios) == pytest.approx(1 / 21) == pytest.approx(romano_wolf(ratios)[1])
    assert romano_wolf(ratios)[0] >= (ratios[:, 0] >= ratios[0, 0]).mean()


def _walk_among_donors(seed: int) -> tuple[bool, bool]:
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(26, 36))
    for t in range(1, 36):
        noise[:, t] += np.r_[1.0, np.full(25, 0.5)] * noise[:, t - 1]
    chosen = design()
    gaps = gap_matrix(noise)
    b = gaps @ chosen.X @ np.linalg.inv(chosen.X.T @ chosen.X) @ contrast(chosen)
    plain = rank_test(b, gaps[:, chosen.pre].std(axis=1), 0.05)
    return plain.p_value <= 0.05, answer(noise, chosen).p_value <= 0.05


def test_a_random_walk_among_quiet_donors_is_not_found_to_have_an_effect() -> None:
    plain, persistent = np.mean([_walk_among_donors(seed) for seed in range(200)], axis=0)
    assert plain > 0.25 and persistent < 0.12
