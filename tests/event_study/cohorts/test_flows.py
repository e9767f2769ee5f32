"""Rows of a repository and week as a matrix of working weeks."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from event_study.cohorts.flows import NEEDED, flows
from event_study.errors import DuplicateKey, EventOutsidePanel, MissingReference
from tests.event_study.cohorts.repositories import commits, shipped

ROWS = commits(sides=(2, 2, 1))


def test_holiday_weeks_are_out_and_weeks_are_without_another_gap() -> None:
    panel = flows(ROWS, shipped(drop=()), None)
    weeks = panel.weeks.tolist()
    assert panel.values.shape == (5, len(weeks))
    assert date(2022, 9, 26) in weeks and date(2022, 10, 3) not in weeks
    gaps = {(b - a).days for a, b in pairwise(weeks)}
    assert gaps == {7, 14}
    with_western = flows(ROWS, shipped(drop=("thanksgiving", "christmas")), None).weeks.tolist()
    assert date(2024, 11, 25) in weeks and date(2024, 11, 25) not in with_western


def test_the_first_week_after_an_event_is_half_after_it() -> None:
    panel = flows(ROWS, shipped(), None)
    after = {day: panel.weeks[panel.position(day)].item() for day in (date(2022, 8, 9), date(2022, 10, 7))}
    # a Tuesday's own week is after it, a Friday's is not, and was Golden Week besides
    assert after == {date(2022, 8, 9): date(2022, 8, 8), date(2022, 10, 7): date(2022, 10, 10)}
    for outside in (date(2017, 12, 1), date(2030, 1, 1)):
        with pytest.raises(EventOutsidePanel, match="the weeks seen run from 2018-01-08"):
            panel.position(outside)


def test_what_is_not_complete_is_not_seen_and_until_cuts() -> None:
    broken = ROWS.assign(is_complete=ROWS["week"] != date(2021, 6, 7))
    panel = flows(broken, shipped(), date(2022, 2, 1))
    assert panel.weeks[-1].item() == date(2022, 2, 21)  # the week of the 28th is over in March only
    lost = np.isnan(panel.values)
    assert panel.weeks[lost.all(axis=0)].tolist() == [date(2021, 6, 7)] and lost.sum() == 5


def test_rows_that_cannot_be_meant() -> None:
    with pytest.raises(MissingReference, match="no unit has a value in any week"):
        flows(ROWS.head(0), shipped(), None)
    with pytest.raises(DuplicateKey):
        flows(ROWS.iloc[[0, 0]], shipped(), None)
    assert set(NEEDED) == set(ROWS.columns)
