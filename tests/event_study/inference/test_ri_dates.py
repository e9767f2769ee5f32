"""Placebo dates: counted windows, what they avoid, size under the null, refusals."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import EventOutsidePanel, InfiniteValue, ResolutionTooCoarse
from event_study.inference.ri_dates import (
    dates_test,
    disjoint_windows,
    eligible_dates,
)
from event_study.panel.calendar import HOLIDAY_WEEKS, donut, is_in_week
from event_study.periods import ordinals

WHEN = np.arange(200)
EVENTS = [60, 120, 180]
LONG = np.arange(420)
RULES = {
    "bis-advanced-computing-rule-2022-10-07": date(2022, 10, 7),
    "bis-acs-rule-2023-10-17": date(2023, 10, 17),
    "bis-hbm-sme-package-2024-12-02": date(2024, 12, 2),
}
OPTIONS = {"half": 4, "draws": 199, "seed": 1}


def series(rng: np.random.Generator, units: int = 1, size: int = len(WHEN), rho: float = 0.8) -> np.ndarray:
    noise = rng.normal(size=(units, size + 50))
    for t in range(1, size + 50):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return noise[:, 50:]


def by_hand(gap: np.ndarray, positions: list[int], half: int) -> float:
    return float(np.mean([gap[t : t + half].mean() - gap[t - half : t].mean() for t in positions]))


# --- which dates ---------------------------------------------------------------------------------------


def test_placebo_windows_touch_no_event_and_no_gap() -> None:
    eligible = eligible_dates(WHEN, EVENTS, 4)
    assert all(abs(t - e) >= 8 for t in eligible for e in EVENTS)
    assert disjoint_windows(WHEN, EVENTS, 4) == 7 + 6 + 6 + 2
    holed = np.delete(WHEN, np.arange(20, 30))
    assert disjoint_windows(holed, EVENTS, 4) < 20


@given(
    st.sets(st.integers(0, 120), max_size=30),
    st.sets(st.integers(-5, 130), max_size=12),
    st.lists(st.integers(10, 110), min_size=1, max_size=3, unique=True),
    st.integers(1, 5),
)
@settings(max_examples=60, deadline=None)
def test_eligible_are_those_whose_window_is_whole_and_clear(
    lacking: set[int], avoid: set[int], events: list[int], half: int
) -> None:
    when = np.asarray([t for t in range(121) if t not in lacking])
    held = set(when.tolist())
    expected = []
    for day in range(half, 122 - half):
        window = set(range(day - half, day + half))
        own = {p for e in events for p in range(e - half, e + half)}
        if window <= held and not window & own and not window & avoid:
            expected.append(day)
    found = when[eligible_dates(when, events, half, sorted(avoid))]
    assert found.tolist() == expected
    free, most = -np.inf, 0
    for day in expected:
        if day - half >= free:
            most, free = most + 1, day + half
    assert disjoint_windows(when, events, half, list(avoid)) == most


def test_windows_avoid_holiday_weeks_when_asked() -> None:
    days = [date(2018, 1, 1) + timedelta(7 * k) for k in range(420)]
    when = ordinals(days, "week")
    off = when[donut(days, "week", 0, HOLIDAY_WEEKS)]
    events = ordinals(list(RULES.values()), "week").tolist()
    kept = eligible_dates(when, events, 4, off)
    assert 0 < len(kept) < len(eligible_dates(when, events, 4))
    for t in kept:
        inside = [days[t - 4] + timedelta(k) for k in range(56)]
        assert not any(is_in_week(name, day) for name in HOLIDAY_WEEKS for day in inside)


# --- all units at once ---------------------------------------------------------------------------------


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.lists(st.sampled_from(range(20, 390, 20)), min_size=1, max_size=4, unique=True),
)
@settings(max_examples=25, deadline=None)
def test_statistics_are_those_written_down(seed: int, half: int, events: list[int]) -> None:
    gap = series(np.random.default_rng(seed), 1, len(LONG))[0] * 10.0 ** (seed % 7)
    scale = np.abs(gap).max()
    test = dates_test(gap, LONG, events, half=half, draws=37, seed=seed)
    assert test.placebos.shape == (37,)
    assert test.estimate == pytest.approx(by_hand(gap, events, half), abs=1e-13 * scale)
    for value, dates in zip(test.placebos, test.chosen, strict=True):
        assert len(set(dates)) == len(events)
        assert value == pytest.approx(by_hand(gap, dates.tolist(), half), abs=1e-13 * scale)


def test_drawn_dates_are_uniform_over_sets_and_lie_where_they_may() -> None:
    found = dates_test(series(np.random.default_rng(5))[0], WHEN, EVENTS, half=4, draws=20_000, seed=3)
    eligible = eligible_dates(WHEN, EVENTS, 4)
    assert set(found.chosen.ravel()) == set(eligible)
    assert all((b > a).all() for a, b in pairwise(found.chosen.T))
    share = np.bincount(found.chosen.ravel(), minlength=200)[eligible] / 20_000
    expected = 3 / len(eligible)
    assert np.abs(share - expected).max() < 5 * np.sqrt(expected / 20_000)


def test_the_same_seed_gives_the_same_draws() -> None:
    gap = series(np.random.default_rng(2))[0]
    once, twice = (dates_test(gap, WHEN, EVENTS, half=4, draws=99, seed=7) for _ in range(2))
    assert (once.chosen == twice.chosen).all() and once.p_value == twice.p_value
    other = dates_test(gap, WHEN, EVENTS, half=4, draws=99, seed=8)
    assert (other.chosen != once.chosen).any()


# --- size, power, floor --------------------------------------------------------------------------------


def sizes(events: list[int], when: np.ndarray, units: int, level: float) -> float:
    gaps = series(np.random.default_rng(len(events)), units, len(when))
    p = [dates_test(gap, when, events, half=4, draws=499, seed=1).p_value for gap in gaps]
    return float((np.asarray(p) <= level).mean())


@pytest.mark.parametrize("events", [[60, 120, 180], [40, 80, 120, 160]])
def test_size_is_that_of_the_reference(events: list[int]) -> None:
    """2,000 AR(1) 0.8 series of 200 weeks; a nominal 1 % is rough, as the module says."""
    assert 0.04 <= sizes(events, WHEN, 2000, 0.05) <= 0.10
    assert 0.005 <= sizes(events, WHEN, 2000, 0.01) <= 0.03


def test_power() -> None:
    jump = np.zeros(len(WHEN))
    for e in EVENTS:
        jump[e : e + 4] = 6
    found = dates_test(series(np.random.default_rng(11))[0] + jump, WHEN, EVENTS, **OPTIONS)
    assert found.p_value == found.p_floor == pytest.approx(1 / 200)
    assert found.estimate == pytest.approx(6, abs=1.5)


def test_one_event_resolves_no_more_than_its_disjoint_windows() -> None:
    jump = np.where((WHEN >= 100) & (WHEN < 104), 50.0, 0.0)
    gap = series(np.random.default_rng(12))[0]
    found = dates_test(gap + jump, WHEN, [100], half=4, draws=9999, seed=1)
    assert found.windows == disjoint_windows(WHEN, [100], 4) == 24
    assert found.p_value == found.p_floor == 1 / 25
    assert dates_test(gap + jump, WHEN, [100], half=4, draws=19, seed=1).p_floor == 1 / 20
    two = dates_test(gap + jump, WHEN, [100, 180], half=4, draws=9999, seed=1)
    assert two.p_floor == 1 / (1 + comb(two.windows, 2))


@given(st.floats(-6, 6), st.integers(0, 2**16))
@settings(max_examples=25, deadline=None)
def test_a_series_in_other_units_has_the_same_p(power: float, seed: int) -> None:
    gap = np.round(series(np.random.default_rng(seed))[0])  # ties by the dozen
    first = dates_test(gap, WHEN, EVENTS, **OPTIONS)
    again = dates_test(gap * 10**power, WHEN, EVENTS, **OPTIONS)
    assert again.p_value == first.p_value and again.p_floor == first.p_floor


def test_ties_count_against_us_whatever_rounding_makes_of_them() -> None:
    """A large slope adds the same to every change, and its own rounding error to each."""
    gap = (WHEN % 8 < 4) * 0.1 + WHEN * 1e6 / 3  # dates at multiples of 8 change as much as the events do
    found = dates_test(gap, WHEN, [56, 120, 184], half=4, draws=9999, seed=1)
    tied = (found.chosen % 8 == 0).all(axis=1).sum()
    assert tied > 5 and found.p_value == (1 + tied) / 10_000


def test_a_gap_of_rounding_is_all_ties() -> None:
    gap = series(np.random.default_rng(3))[0] * 1e-9
    gap[[60, 61, 62, 63]] += 1e-7  # of data of 1e9, whose last digit is 1e-7
    assert dates_test(gap, WHEN, [60], half=4, draws=99, seed=1).p_value < 0.1
    assert dates_test(gap, WHEN, [60], half=4, draws=99, seed=1, rounding=2e-5).p_value == 1


def test_ranks_of_placebos_do_not_follow_the_unit() -> None:
    gap = np.round(series(np.random.default_rng(4))[0])
    first, small = (dates_test(gap * unit, WHEN, EVENTS, **OPTIONS).ranks for unit in (1.0, 1e-13))
    assert (first == small).all() and first.min() >= 1 and first.max() == len(first)


# --- refusals ------------------------------------------------------------------------------------------


def test_too_few_windows_or_an_event_outside() -> None:
    with pytest.raises(
        ResolutionTooCoarse, match=r"^6 disjoint placebo windows away from the events: .* 20$"
    ):
        dates_test(np.zeros(60), np.arange(60), [30], half=4, draws=99, seed=1)
    with pytest.raises(ResolutionTooCoarse, match="and from periods to avoid: a test over dates needs 20"):
        dates_test(np.zeros(200), WHEN, EVENTS, avoid=range(0, 200, 9), **OPTIONS)
    with pytest.raises(EventOutsidePanel):
        dates_test(np.zeros(200), WHEN, [198], half=4, draws=99, seed=1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_no_number(bad: float) -> None:
    gap = np.zeros(200)
    gap[7] = bad
    with pytest.raises(InfiniteValue, match=r"the gap is .* in period 7"):
        dates_test(gap, WHEN, EVENTS, **OPTIONS)


# --- the study's row -----------------------------------------------------------------------------------
