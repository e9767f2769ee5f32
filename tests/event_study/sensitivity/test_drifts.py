"""Diagnostics of drifts: what they are made of, where they stop, how long they take."""

from __future__ import annotations

from datetime import date
from time import process_time

import numpy as np
import pytest

from event_study.estimators.design import Design, lag_design
from event_study.estimators.registry import fit_gaps
from event_study.inference.placebo_covariance import placebo_cov
from event_study.periods import GRIDS, ordinals
from event_study.sensitivity.diagnostics import Diagnostic
from event_study.sensitivity.drifts import (
    drift_diagnostics,
    drift_response,
    misses_its_own_size,
    no_sensitivity,
)
from event_study.sensitivity.honest.magnitudes import honest_rm
from event_study.sensitivity.pretrend_power import pretrend_power
from tests.event_study.sensitivity.honest_example import fixed_length

EVENTS = [("first", date(2022, 10, 7)), ("second", date(2023, 10, 17)), ("third", date(2024, 12, 2))]
QUARTERS = [date(2017 + k // 4, 3 * (k % 4) + 1, 1) for k in range(36)]
WHEN = ordinals(QUARTERS, "quarter").astype(float)
FLAT = np.full(5, 0.2)


def design_of(events: int = 1, *, trend: bool = False) -> Design:
    return lag_design(QUARTERS, "quarter", EVENTS[:events], GRIDS["quarter"], trend=trend)


def quarterly(effect: float, slope: float, donors: int, design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and scales of a panel in which the first event adds ``effect`` and the treated unit
    drifts by ``slope`` a quarter."""
    rng = np.random.default_rng(8)
    Y = rng.normal(0, 0.1, (donors + 1, 36))
    Y[0] += effect * np.asarray([day >= EVENTS[0][1] for day in QUARTERS]) + slope * np.arange(36)
    fits = fit_gaps(Y, design)
    return fits.coef @ design.map.T, fits.scale


def found_in(
    effect: float, slope: float = 0.0, donors: int = 40, design: Design | None = None, unit: float = 1.0
) -> dict[str, Diagnostic]:
    chosen = design or design_of()
    b, scale = quarterly(effect, slope, donors, chosen)
    made = drift_diagnostics(unit * b, unit * scale, chosen.names, drift_response(chosen, WHEN), FLAT)
    assert len({one.diagnostic for one in made}) == len(made)
    return {one.diagnostic: one for one in made}


def value(found: dict[str, Diagnostic], name: str) -> float:
    number = found[name].value
    assert number is not None
    return number


def test_one_event_follows_a_drift_at_its_mean_lags() -> None:
    design = design_of()
    moved = drift_response(design, WHEN)
    # 23 quarters before the event's and 12 after: the ends hold -23..-5 and 4..12, the reference -2 and -1
    assert moved + -1.5 == pytest.approx([-14.0, -4, -3, -2, -1, 0, 1, 2, 3, 8.0])
    assert design.names[0] == "k=-5" and design.names[-1] == "k=+4"


def test_the_conditional_set_is_made_on_request_and_close_to_the_bounds() -> None:
    b, scale = quarterly(0.5, 0.0, 40, design_of())
    asked = drift_diagnostics(
        b, scale, design_of().names, drift_response(design_of(), WHEN), FLAT, conditional=True
    )
    found = {one.diagnostic: one for one in asked}
    assert not any(name.startswith("conditional") for name in found_in(0.5))
    for Mbar in ("0.5", "1", "1.5", "2"):
        low, high = value(found, f"conditional_low:{Mbar}"), value(found, f"conditional_high:{Mbar}")
        wide = value(found, f"magnitude_high:{Mbar}") - value(found, f"magnitude_low:{Mbar}")
        assert low < value(found, "honest_estimate") < high and 0.3 * wide < high - low < 1.5 * wide


@pytest.mark.parametrize(("effect", "low"), [(-0.2, True), (3.0, False)])
def test_a_pre_trend_test_that_would_miss_its_effect_is_told(effect: float, low: bool) -> None:
    assert misses_its_own_size(list(found_in(effect).values())) is low
    assert not misses_its_own_size([no_sensitivity("nothing known")])


def test_diagnostics_are_the_functions_of_the_placebo_covariance() -> None:
    b, scale = quarterly(0.5, 0.0, 40, design_of())
    found = found_in(0.5)
    beta = np.delete(b - b[:, [4]], 4, axis=1)
    when = np.array([-13, -3, -2, -1, 1, 2, 3, 4, 9.0])
    S = placebo_cov(beta, scale)
    smooth = fixed_length(beta[0], S, 4, 5, FLAT, 0.05 * scale[0], times=when)
    assert value(found, "smoothness_low:0.05") == pytest.approx(smooth.low, rel=1e-6)
    assert value(found, "smoothness_high:0.05") == pytest.approx(smooth.high, rel=1e-6)
    magnitude = honest_rm(beta[0], S, 4, 5, FLAT, 1.5, times=when)
    assert value(found, "magnitude_low:1.5") == pytest.approx(magnitude.low)
    assert value(found, "magnitude_high:1.5") == pytest.approx(magnitude.high)
    assert value(found, "honest_estimate") == pytest.approx(magnitude.estimate)
    power = pretrend_power(S, 4, 5, FLAT, drift=when)[1]
    assert value(found, "roth_slope_80") == pytest.approx(power.slope)
    assert value(found, "roth_bias_if_passed_80") == pytest.approx(power.bias_if_passed)
    assert "40 donors" in (found["honest_estimate"].note or "")


def test_a_clear_effect_survives_some_drift_and_noise_none() -> None:
    clear, nothing = found_in(1.0), found_in(0.0)
    assert value(clear, "smoothness_breakdown") > 0 and value(clear, "magnitude_breakdown") > 0
    assert value(clear, "smoothness_low:0") > 0
    for name in ("smoothness_breakdown", "magnitude_breakdown"):
        assert nothing[name].value is None and "contains 0 already" in (nothing[name].note or "")


def test_a_linear_drift_is_no_effect_under_smoothness() -> None:
    drift = found_in(0.0, slope=0.2)
    assert value(drift, "honest_estimate") > 0.5
    assert value(drift, "smoothness_low:0") < 0 < value(drift, "smoothness_high:0")
    assert value(drift, "roth_slope_80") < 0.2  # such a drift the test would have found
    assert value(drift, "roth_bias_80") == pytest.approx(value(drift, "roth_slope_80") * 19 / 5)


def test_pooled_events_do_not_follow_a_drift_and_get_no_bounds() -> None:
    """Three events: a rising drift lowers the first coefficients after, so smoothness of the coefficients
    is not smoothness of the drift. With a unit trend no drift is left to be found."""
    design = design_of(3)
    moved = drift_response(design, WHEN)
    assert moved[5] < moved[4] - 3
    # the response is what the panel shows
    plain, drifted = (quarterly(0.0, slope, 40, design)[0][0] for slope in (0.0, 1.0))
    assert drifted - plain == pytest.approx(moved)
    found = found_in(0.5, design=design)
    assert "one event's coefficients do" in (found["smoothness_breakdown"].note or "")
    assert not [name for name in found if ":" in name]
    assert value(found, "roth_bias_80") == pytest.approx(
        value(found, "roth_slope_80") * (moved[5:] - moved[4]).mean()
    )
    trend = found_in(0.5, design=design_of(trend=True))
    assert set(trend) == {"honest_estimate", "smoothness_breakdown", "magnitude_breakdown"}


def test_the_unit_of_the_outcome_does_not_matter() -> None:
    one, other = found_in(0.5), found_in(0.5, unit=100.0)
    for name, first in one.items():
        unit = 1 if name.endswith("breakdown") else 100
        assert other[name].value == pytest.approx(unit * (first.value or np.nan), rel=1e-4)


def test_what_does_not_suffice_is_one_finding_that_says_so() -> None:
    found = found_in(0.5, donors=10)
    assert list(found) == ["honest_estimate"]
    assert found["honest_estimate"].value is None
    assert "10 donors for the covariance of 9 coefficients" in (found["honest_estimate"].note or "")
    made = drift_diagnostics(
        np.ones((41, 3)), np.ones(41), ["k=-1", "k=+0", "k=+1"], np.array([-1.0, 0, 1]), np.ones(2)
    )
    assert [one.note for one in made] == [
        "no sensitivity analysis: 1 lead and 2 lags: two leads and a lag are needed"
    ]


def test_units_without_a_finite_estimate() -> None:
    design = design_of()
    b, scale = quarterly(0.5, 0.0, 40, design)
    drift = drift_response(design, WHEN)
    b[3] = np.inf
    made = drift_diagnostics(b, scale, design.names, drift, FLAT)
    assert "39 donors, 1 without a finite one left out" in (made[0].note or "")
    b[0, 2] = np.nan
    (one,) = drift_diagnostics(b, scale, design.names, drift, FLAT)
    assert "treated unit is not a finite number" in (one.note or "")


def test_forty_headlines_take_a_moment() -> None:
    design = design_of()
    b, scale = quarterly(0.5, 0.0, 40, design)
    drift = drift_response(design, WHEN)
    start = process_time()
    for _ in range(40):
        drift_diagnostics(b, scale, design.names, drift, FLAT)
    assert process_time() - start < 4
