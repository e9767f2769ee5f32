"""Which donors and periods are compared: a missing cell costs a cell, and more data never cost a test."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.panel.balance import Balanced, balance, outcome_panel
from event_study.panel.bridge import bridged
from event_study.periods import period_name
from tests.event_study.firms import months

EVENT, MONTHS = date(2021, 5, 1), months()
NEEDED = 19


def balanced(wide: np.ndarray, estimator: str = "ols", needed: int = NEEDED) -> Balanced:
    """Of a matrix (T, 1+J), the treated unit first."""
    names = ["A", *(f"D{j:02d}" for j in range(wide.shape[1] - 1))]
    rows = pd.DataFrame(wide, index=pd.Index(MONTHS[: len(wide)], name="period"), columns=names)
    long = rows.melt(ignore_index=False, var_name="country").reset_index().assign(is_complete=True)
    panel = outcome_panel(long, outcome="sales", frequency="month", window=(None, None), until=None)
    return balance(panel, treated="A", pool=names[1:], estimator=estimator, first_event=EVENT, needed=needed)


def noise(donors: int, periods: int = 60, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(100, 1, size=(periods, 1 + donors))


@pytest.mark.parametrize("seed", range(20))
def test_two_in_a_hundred_missing_cells_cost_no_donor(seed: int) -> None:
    wide, rng = noise(30, seed=seed), np.random.default_rng(seed)
    holes = rng.random((60, 30)) < 0.02
    wide[:, 1:][holes] = np.nan
    made = balanced(wide)
    assert made.donors >= 29 and len(made.periods) == 60
    assert made.cells_bridged == holes[:, holes.sum(axis=0) <= 6].sum()
    assert np.isfinite(made.values).all()


def test_a_donor_is_lost_that_lacks_more_than_a_tenth_or_most_of_what_came_after() -> None:
    after = [i for i, day in enumerate(MONTHS) if day >= EVENT]
    wide = noise(25)
    wide[:6, 1], wide[:7, 2] = np.nan, np.nan
    made = balanced(wide)
    assert (made.donors, made.cells_bridged) == (24, 6) and "D01" not in made.units
    short = noise(25)[: after[0] + 4]
    short[after[0] :][:3, 3] = np.nan
    assert "D02" not in balanced(short).units


def test_donors_that_begin_late_cost_their_periods_where_the_test_needs_them() -> None:
    wide = noise(25)
    wide[:12, 14:] = np.nan
    made = balanced(wide)
    assert (made.donors, made.periods_for_donors, made.periods[0]) == (25, 12, date(2020, 1, 1))
    few = balanced(wide, needed=13)  # enough without them: the years are worth more
    assert (few.donors, few.periods_for_donors, few.periods[0]) == (13, 0, date(2019, 1, 1))
    hopeless = balanced(wide, needed=26)  # no choice of periods has so many
    assert (hopeless.donors, hopeless.periods_for_donors) == (13, 0)


@pytest.mark.parametrize("late", range(26))
def test_one_more_late_donor_never_takes_a_test_away_and_gives_it_back(late: int) -> None:
    wide = noise(25)
    wide[:12, 1 : 1 + late] = np.nan
    assert balanced(wide).donors >= NEEDED


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.09))
@settings(max_examples=40, deadline=None)
def test_a_cell_more_never_takes_a_test_away(seed: int, share: float) -> None:
    wide, rng = noise(22, seed=seed), np.random.default_rng(seed)
    wide[:, 1:][rng.random((60, 22)) < share] = np.nan
    before = balanced(wide).donors
    missing = np.argwhere(np.isnan(wide))
    for t, j in missing[rng.permutation(len(missing))[:3]]:
        wide[t, j] = 100.0
    assert balanced(wide).donors >= min(before, NEEDED)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["ols", "ols_log", "ppml"]))
@settings(max_examples=60, deadline=None)
def test_units_that_move_alike_are_restored_and_what_is_there_stays(seed: int, estimator: str) -> None:
    rng = np.random.default_rng(seed)
    level, course = rng.uniform(1, 3, size=8), rng.uniform(1, 3, size=(24, 1))
    matrix = course + level if estimator == "ols" else course * level
    holes = rng.random(matrix.shape) < 0.1
    holes[:, 0] = False  # one donor has every period, so that each is linked to the next
    seen = np.where(holes, np.nan, matrix)
    made = bridged(seen, estimator)
    assert (made[~holes] == matrix[~holes]).all()
    assert made == pytest.approx(matrix, rel=1e-9)
    order = rng.permutation(8)
    assert bridged(seen[:, order], estimator) == pytest.approx(made[:, order], rel=1e-12)


def test_counts_that_are_zero_around_a_hole_stay_zero() -> None:
    counts = np.asarray([[5.0, 0], [6, np.nan], [7, 0], [0, 0], [0, np.nan]])
    assert bridged(counts, "ppml")[:, 1].tolist() == [0, 0, 0, 0, 0]


def test_the_periods_of_a_panel_without_holes_are_all_of_them() -> None:
    made = balanced(noise(20))
    assert (made.cells_bridged, made.periods_for_donors, made.share_complete) == (0, 0, 1.0)
    assert period_name(made.periods[-1], "month") == "December 2023"
