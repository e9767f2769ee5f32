"""What a contrast may be where values have no unit: laws that hold of every panel, and nominal coverage."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from event_study.bounds.allotment import allotments
from event_study.bounds.identified_set import UnionBounds, imbens_manski, union
from event_study.bounds.refit import refits, unknown_bounds
from event_study.errors import EventStudyError
from event_study.estimators.design import step_design
from event_study.estimators.registry import ESTIMATORS
from event_study.inference.ri_studentised import rank_test
from event_study.panel.unknown import Unknown

YEARS = [date(year, 1, 1) for year in range(2008, 2022)]
DESIGN = step_design(YEARS, "year", [("rule", date(2017, 1, 1))], trend=False)
STEP = np.array([0.0, 1.0])
seeds = st.integers(0, 10_000)
few = settings(max_examples=10, deadline=None)


def panel(seed: int, effect: float = 0.8) -> np.ndarray:
    Y = np.exp(4 + np.random.default_rng(seed).normal(scale=0.1, size=(20, len(YEARS))))
    Y[0] *= np.exp(effect * ~DESIGN.pre)
    return np.asarray(Y)


def found(Y: np.ndarray, unknown: float, estimator: str = "ols_log", scale: float = 1.0) -> UnionBounds:
    beside = Unknown(np.full(len(YEARS), unknown * scale), Y[1:].sum(axis=0) * scale)
    return unknown_bounds(Y * scale, beside, DESIGN, STEP, estimator)


@pytest.mark.parametrize("estimator", ["ols", "ols_log", "ppml", "synth_log"])
def test_nothing_unknown_leaves_the_rank_set(estimator: str) -> None:
    Y = panel(3)
    fits, made = ESTIMATORS[estimator](Y, DESIGN), found(Y, 0.0, estimator)
    test = rank_test(fits.coef @ STEP, fits.scale)
    ends = [made.low, made.high, made.worst_low, made.worst_high]
    np.testing.assert_allclose(ends, [test.low, test.high] * 2, rtol=1e-6)
    assert made.breakdown is None and made.sign_breakdown is None  # nothing to overturn it with


@few
@given(seeds, st.floats(0.5, 200.0))
def test_the_worst_case_holds_constant_shares_which_hold_the_known(seed: int, unknown: float) -> None:
    known, made = found(panel(seed), 0.0), found(panel(seed), unknown)
    assert made.worst_low <= made.low <= known.low + 1e-9
    assert known.high - 1e-9 <= made.high <= made.worst_high


@few
@given(seeds, st.floats(1.0, 50.0), st.floats(1.0, 4.0))
def test_more_unknown_never_narrows_the_worst_case(seed: int, unknown: float, times: float) -> None:
    """Estimates alone: a rank's set may shrink where the unknown smooths the treated unit."""
    Y, pre = panel(seed), DESIGN.pre
    wide = []
    for amount in (unknown, unknown * times):
        made = allotments(Y[0], Unknown(np.full(len(pre), amount), Y[1:].sum(axis=0)), pre)
        gap = np.log(made.treated) - np.log(made.factor)
        estimate = gap[:, ~pre].mean(axis=1) - gap[:, pre].mean(axis=1)
        wide.append(union(made, estimate, estimate, estimate))
    assert wide[1].worst_low <= wide[0].worst_low + 1e-9
    assert wide[1].worst_high >= wide[0].worst_high - 1e-9


@few
@given(seeds, st.floats(1e-3, 1e3))
def test_the_unit_of_measurement_does_not_matter(seed: int, scale: float) -> None:
    one, other = (found(panel(seed), 30.0, scale=by) for by in (1.0, scale))
    np.testing.assert_allclose(
        [one.low, one.high, one.worst_low, one.worst_high, one.sign_breakdown or -1],
        [other.low, other.high, other.worst_low, other.worst_high, other.sign_breakdown or -1],
        rtol=1e-6, atol=1e-8,
    )  # fmt: skip


@few
@given(seeds, st.floats(0.0, 60.0), st.sampled_from([-0.8, 0.8]))
def test_a_side_breaks_down_where_the_sets_reach_zero(seed: int, unknown: float, effect: float) -> None:
    Y = panel(seed, effect)
    known, made = found(Y, 0.0), found(Y, unknown)
    assert known.low > 0 or known.high < 0
    constant, worst = (made.low, made.worst_low) if known.low > 0 else (-made.high, -made.worst_high)
    assert (made.breakdown is not None) == (worst <= 0)
    assert (made.breakdown == 0.0) == (constant <= 0)
    if made.breakdown is not None and made.sign_breakdown is not None:
        assert made.breakdown <= made.sign_breakdown <= 1.0


@few
@given(seeds, st.floats(1.0, 100.0))
def test_levels_are_fitted_at_once_as_one_by_one(seed: int, unknown: float) -> None:
    Y = panel(seed)
    made = refits(Y, Unknown(np.full(len(YEARS), unknown), Y[1:].sum(axis=0)), DESIGN, "ols")
    assert made.placebos is not None
    for s in (0, 17, 100, 337):
        fits = ESTIMATORS["ols"](made.made.panel(Y, s), DESIGN)
        np.testing.assert_allclose(np.vstack([made.coef[s], made.placebos[0][s]]), fits.coef, atol=1e-9)
        np.testing.assert_allclose(np.append(made.scale[s], made.placebos[1][s]), fits.scale, atol=1e-9)
        np.testing.assert_allclose(made.gaps[s], fits.gaps[0], atol=1e-9)


def test_what_nobody_can_count_is_refused() -> None:
    with pytest.raises(EventStudyError, match="finite"):
        Unknown(np.array([np.nan]), np.array([1.0]))


@few
@given(st.floats(0.0, 10.0), st.floats(0.1, 3.0), st.floats(0.1, 3.0))
def test_the_interval_of_imbens_and_manski_solves_its_equation(width: float, one: float, two: float) -> None:
    low, high = imbens_manski(0.0, width, one, two)
    c = -low / one
    assert (high - width) / two == pytest.approx(c)
    assert norm.cdf(c + width / max(one, two)) - norm.cdf(-c) == pytest.approx(0.95)


@pytest.mark.parametrize("width", [0.0, 0.5, 3.0])
def test_an_end_is_covered_at_the_nominal_rate(width: float) -> None:
    """The true value at the lower end of the set, where cover is least: 95 %, three errors of 4000 draws."""
    noise = np.random.default_rng(1).normal(size=4000)
    below, above = imbens_manski(0.0, width, 1.0, 1.0)
    covered = ((noise + below <= 0.0) & (noise + above >= 0.0)).mean()
    assert covered == pytest.approx(0.95, abs=0.0104)


def test_the_union_holds_the_truth_under_a_share_nobody_saw() -> None:
    """The treated unit owned 30 % of the unknown throughout; the set of what is known misses its effect."""
    hits, blind = [], []
    for seed in range(60):
        Y = panel(seed, 0.6)
        unknown = np.full(len(YEARS), 60.0)
        Y[0] = Y[0] * 2 - 0.3 * unknown  # what is seen of it
        beside = Unknown(unknown, Y[1:].sum(axis=0))
        made = unknown_bounds(Y, beside, DESIGN, STEP, "ols_log")
        alone = found(Y, 0.0)
        hits.append(made.low <= 0.6 <= made.high)
        blind.append(alone.low <= 0.6 <= alone.high)
    assert np.mean(hits) >= 0.9 and np.mean(blind) < np.mean(hits)


def test_ends_that_cross_by_what_a_fit_rounds_are_one_end() -> None:
    for crossed in (1e-12, 1e-8, 1e-6):
        low, high = imbens_manski(0.0, -crossed, 1.0, 1.0)
        assert (low, high) == pytest.approx(imbens_manski(0.0, 0.0, 1.0, 1.0), abs=1e-5)
