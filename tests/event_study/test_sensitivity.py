"""Sensitivity findings from a pooled event study: what they are made of, where they stop, how long they take."""

from __future__ import annotations

from datetime import date
from time import process_time

import numpy as np
import pytest

from event_study.design import Design, lag_design
from event_study.estimators import fit_gaps
from event_study.findings import Finding
from event_study.honest import honest_flci, honest_rm
from event_study.periods import GRIDS
from event_study.placebo_covariance import placebo_cov
from event_study.sensitivity import positions, sensitivity_findings

EVENTS = [("first", date(2022, 10, 7)), ("second", date(2023, 10, 17)), ("third", date(2024, 12, 2))]
QUARTERS = [date(2017 + k // 4, 3 * (k % 4) + 1, 1) for k in range(36)]


def quarterly(effect: float, slope: float = 0.0, donors: int = 40) -> tuple[np.ndarray, np.ndarray, Design]:
    """Coefficients, scales and design of a panel in which every event adds ``effect`` and the treated unit
    drifts by ``slope`` a quarter."""
    design = lag_design(QUARTERS, "quarter", EVENTS, GRIDS["quarter"], trend=False)
    rng = np.random.default_rng(7)
    Y = rng.normal(0, 0.1, (donors + 1, 36))
    Y[0] += effect * sum(np.asarray([day >= event for day in QUARTERS]) for _, event in EVENTS)
    Y[0] += slope * np.arange(36)
    fits = fit_gaps(Y, design)
    return fits.coef @ design.map.T, fits.scale, design


def found_in(effect: float, slope: float = 0.0, donors: int = 40) -> dict[str, Finding]:
    b, scale, design = quarterly(effect, slope, donors)
    times = positions(QUARTERS, "quarter", EVENTS, GRIDS["quarter"], design.names)
    lags = np.asarray([int(name[2:]) >= 0 for name in design.names])
    contrast = design.weights[lags] / design.weights[lags].sum()
    made = sensitivity_findings(b, scale, design.names, times, contrast)
    assert len({one.diagnostic for one in made}) == len(made)
    return {one.diagnostic: one for one in made}


def value(found: dict[str, Finding], name: str) -> float:
    number = found[name].value
    assert number is not None
    return number


def test_positions_are_mean_lags() -> None:
    design = lag_design(QUARTERS, "quarter", EVENTS[:1], GRIDS["quarter"], trend=False)
    where = positions(QUARTERS, "quarter", EVENTS[:1], GRIDS["quarter"], design.names)
    # 23 quarters before the event's and 12 after: the ends hold -23..-5 and 4..12
    assert where.tolist() == [-14.0, -4, -3, -2, -1, 0, 1, 2, 3, 8.0]
    assert design.names[0] == "k=-5" and design.names[-1] == "k=+4"


def test_findings_are_the_functions_of_the_placebo_covariance() -> None:
    b, scale, design = quarterly(0.5)
    found = found_in(0.5)
    n_pre = sum(int(name[2:]) < 0 for name in design.names) - 1
    n_post = len(design.names) - n_pre - 1
    beta = np.delete(b - b[:, [n_pre]], n_pre, axis=1)
    times = positions(QUARTERS, "quarter", EVENTS, GRIDS["quarter"], design.names)
    when = np.delete(times - times[n_pre], n_pre)
    assert when[n_pre - 1] < 0 < when[n_pre]
    weights = design.weights[n_pre + 1 :] / design.weights[n_pre + 1 :].sum()
    S = placebo_cov(beta, scale).S
    smooth = honest_flci(beta[0], S, n_pre, n_post, weights, 0.05 * scale[0], times=when)
    assert value(found, "smoothness_low:0.05") == pytest.approx(smooth.low)
    assert value(found, "smoothness_high:0.05") == pytest.approx(smooth.high)
    magnitude = honest_rm(beta[0], S, n_pre, n_post, weights, 1.5, times=when)
    assert value(found, "magnitude_low:1.5") == pytest.approx(magnitude.low)
    assert value(found, "magnitude_high:1.5") == pytest.approx(magnitude.high)
    assert value(found, "honest_estimate") == pytest.approx(magnitude.estimate)
    assert "40 donors" in (found["honest_estimate"].note or "")


def test_a_clear_effect_survives_some_drift_and_noise_none() -> None:
    clear, nothing = found_in(0.5), found_in(0.0)
    assert value(clear, "smoothness_breakdown") > 0 and value(clear, "magnitude_breakdown") > 0
    assert value(clear, "smoothness_low:0") > 0
    for name in ("smoothness_breakdown", "magnitude_breakdown"):
        assert nothing[name].value is None and "holds 0 already" in (nothing[name].note or "")


def test_a_linear_drift_is_no_effect_under_smoothness() -> None:
    """Its slope in distance from the events is a third of that in calendar time, three events being pooled."""
    drift = found_in(0.0, slope=0.3)
    assert value(drift, "honest_estimate") > 0.5
    assert value(drift, "smoothness_low:0") < 0 < value(drift, "smoothness_high:0")
    steep = 0.3 / 3
    assert value(drift, "roth_slope_80") < steep  # such a drift the test would have found
    assert value(drift, "roth_bias_80") > value(drift, "roth_bias_50") > 0


def test_the_unit_of_the_outcome_does_not_matter() -> None:
    b, scale, design = quarterly(0.5)
    times = positions(QUARTERS, "quarter", EVENTS, GRIDS["quarter"], design.names)
    weights = np.full(5, 0.2)
    one = sensitivity_findings(b, scale, design.names, times, weights)
    other = sensitivity_findings(100 * b, 100 * scale, design.names, times, weights)
    for first, second in zip(one, other, strict=True):
        unit = 1 if first.diagnostic.endswith("breakdown") else 100
        assert second.value == pytest.approx(unit * (first.value or np.nan), rel=1e-4)


def test_what_does_not_suffice_is_one_finding_that_says_so() -> None:
    found = found_in(0.5, donors=10)
    assert list(found) == ["honest_estimate"]
    assert found["honest_estimate"].value is None
    assert "10 donors for the covariance of 9 coefficients" in (found["honest_estimate"].note or "")
    b, scale, _ = quarterly(0.5)
    made = sensitivity_findings(
        b[:, :3], scale, ["k=-1", "k=+0", "k=+1"], np.array([-1.0, 0, 1]), np.array([0.5, 0.5])
    )
    assert [one.note for one in made] == [
        "no sensitivity analysis: 1 lead and 2 lags: two leads and a lag are needed"
    ]


def test_a_placebo_without_a_finite_estimate_is_counted() -> None:
    b, scale, design = quarterly(0.5)
    times = positions(QUARTERS, "quarter", EVENTS, GRIDS["quarter"], design.names)
    b[3] = np.inf
    made = sensitivity_findings(b, scale, design.names, times, np.full(5, 0.2))
    assert "39 donors, 1 without a finite one left out" in (made[0].note or "")


def test_forty_headlines_take_a_moment() -> None:
    b, scale, design = quarterly(0.5)
    times = positions(QUARTERS, "quarter", EVENTS, GRIDS["quarter"], design.names)
    start = process_time()
    for _ in range(40):
        sensitivity_findings(b, scale, design.names, times, np.full(5, 0.2))
    assert process_time() - start < 4
