"""Placebo dates: counted windows, size under the null, power, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from event_study.errors import EventOutsidePanel, ResolutionTooCoarse
from event_study.ri_dates import dates_test, disjoint_windows, eligible_dates

WHEN = np.arange(200)
EVENTS = [60, 120, 180]


def series(rng: np.random.Generator) -> np.ndarray:
    noise = rng.normal(size=len(WHEN))
    for t in range(1, len(noise)):
        noise[t] = 0.6 * noise[t - 1] + 0.8 * noise[t]
    return noise


def test_placebo_windows_touch_no_event_and_no_gap() -> None:
    eligible = eligible_dates(WHEN, EVENTS, 4)
    assert all(abs(t - e) >= 8 for t in eligible for e in EVENTS)
    assert disjoint_windows(WHEN, EVENTS, 4) == 7 + 6 + 6 + 2
    holed = np.delete(WHEN, np.arange(20, 30))
    assert disjoint_windows(holed, EVENTS, 4) < 20


def test_size_and_power() -> None:
    rng = np.random.default_rng(11)
    options = {"half": 4, "draws": 199, "seed": 1}
    null = [dates_test(series(rng), WHEN, EVENTS, **options).p_value <= 0.05 for _ in range(200)]
    assert 0.005 <= np.mean(null) <= 0.10
    jump = np.zeros(len(WHEN))
    for e in EVENTS:
        jump[e : e + 4] = 6
    found = dates_test(series(rng) + jump, WHEN, EVENTS, **options)
    assert found.p_value == found.p_floor == pytest.approx(1 / 200)
    assert found.estimate == pytest.approx(6, abs=1.5)


def test_the_same_seed_gives_the_same_draws() -> None:
    gap = series(np.random.default_rng(2))
    once, twice = (dates_test(gap, WHEN, EVENTS, half=4, draws=99, seed=7) for _ in range(2))
    assert (once.chosen == twice.chosen).all() and once.p_value == twice.p_value


def test_too_few_windows_or_an_event_outside() -> None:
    with pytest.raises(ResolutionTooCoarse):
        dates_test(np.zeros(60), np.arange(60), [30], half=4, draws=99, seed=1)
    with pytest.raises(EventOutsidePanel):
        dates_test(np.zeros(200), WHEN, [198], half=4, draws=99, seed=1)
