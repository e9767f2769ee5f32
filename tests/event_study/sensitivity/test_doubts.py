"""Signs against a rank: by hand, and how often they show where they should not."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_study.estimators.design import step_design
from event_study.estimators.gaps import rounding
from event_study.sensitivity.doubts import CHANGED, effective_donors, variance_change_p

MONTHS = [date(2020 + i // 12, i % 12 + 1, 1) for i in range(36)]
DESIGN = step_design(MONTHS, "month", [("a", MONTHS[24])], trend=False)


def test_effective_donors_by_hand() -> None:
    equal = np.ones((11, 36))
    assert effective_donors(equal, DESIGN, "ppml") == pytest.approx(10)
    equal[1] = 1e9
    assert effective_donors(equal, DESIGN, "ppml") == pytest.approx(1, abs=1e-6)
    assert effective_donors(equal, DESIGN, "ols_log") == 10  # least squares weighs no count
    two = np.ones((3, 36))
    two[1] = 3.0  # shares 3/4 and 1/4: 16 / 10
    two[1:, 24:] = [[1.0], [99.0]]  # what comes after the event is no weight
    assert effective_donors(two, DESIGN, "ppml") == pytest.approx(1.6)


@given(st.integers(0, 10_000), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_a_change_of_variance_is_no_matter_of_step_or_unit(seed: int, step: float, size: float) -> None:
    gaps = np.random.default_rng(seed).normal(size=(21, 36))
    moved = size * gaps + step * DESIGN.X[:, 1]
    assert variance_change_p(moved, DESIGN) == variance_change_p(gaps, DESIGN)


def test_a_change_of_variance_is_seen_in_the_treated_unit_and_not_in_a_quiet_one() -> None:
    gaps = np.random.default_rng(1).normal(size=(300, 26, 36))
    quiet = np.mean([variance_change_p(one, DESIGN) <= CHANGED for one in gaps])
    gaps[:, 0, 24:] *= 2
    loud = np.mean([variance_change_p(one, DESIGN) <= CHANGED for one in gaps])
    assert quiet <= 0.12 and loud >= 0.7


def test_rounding_is_of_the_data_and_not_of_the_noise() -> None:
    small = np.full((3, 50), 1e-198)
    assert 0 < rounding(small, in_logs=False) < 1e-210
    assert rounding(1e9 * np.ones((3, 50)), in_logs=False) == pytest.approx(50 * 2.22e-7, rel=0.01)
    assert rounding(np.ones((3, 50)), in_logs=True) == pytest.approx(50 * 2.22e-16, rel=0.01)
