"""Cohorts of windows, and changes of their sums: what a fit with unit and week effects gives."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from event_study.cohorts.flows import flows
from event_study.cohorts.windows import (
    COMPARISON,
    TREATED,
    UNKNOWN,
    changes,
    members,
    side_of,
    windows,
    without,
)
from event_study.errors import EventOutsidePanel
from event_study.specs.unit_model import UnitSpec
from event_study.units.pre_post import pre_post
from event_study.units.two_way import fit_ppml
from tests.event_study.cohorts.repositories import commits, shipped

RULE = date(2023, 10, 17)
ROWS = commits(weeks=330, effect=0.5, late=3)


def of(spec: UnitSpec, name: str) -> object:
    return next(sides for sides in spec.contrasts if sides.name == name)


@pytest.mark.parametrize("age", [0, 26])
def test_the_change_is_the_poisson_coefficient_of_the_cohort(age: int) -> None:
    spec = shipped(cohort={"age": age})
    sides = spec.contrasts[0]
    panel = flows(ROWS, spec, None)
    made = windows(panel, spec, sides)
    at = panel.position(RULE)
    here = made.index(at, "")
    change = changes(made, log=True)[0][here]
    weeks = panel.weeks[at - 4 : at + 4].tolist()
    asked = ROWS[ROWS["week"].isin(weeks) & (ROWS["country"] != "ZZ")]
    if age:  # three repositories were born with the window
        asked = asked[asked["first_week"] < date(2023, 1, 1)]
    assert made.units[here].tolist() == [12 if not age else 9, 16, 4]
    step = ((asked["country"] == "CN") & (asked["week"] >= weeks[4])).astype(float)
    fit = fit_ppml(
        asked.assign(step=step), y="value", unit="repository_id", time="week", columns=["step"],
        cluster="repository_id",
    )  # fmt: skip
    assert change == pytest.approx(fit.coef[0], abs=1e-8)
    assert change == pytest.approx(0.5, abs=0.2)


def test_of_levels_it_is_the_difference_of_two_pre_post_changes() -> None:
    spec = shipped(drop=(), holiday_days=9)  # every week, as the other way counts them
    panel = flows(commits(weeks=330), spec, None)
    made = windows(panel, spec, spec.contrasts[0])
    change = changes(made, log=False)[0][made.index(panel.position(RULE), "")]
    rows = commits(weeks=330)
    other = pre_post(
        rows[rows["country"] != "ZZ"], y="value", unit="repository_id", group="country", time="week",
        treated="CN", comparison="US", events=[RULE], half=4, reference=(-8, -3), draws=99, seed=1,
    )  # fmt: skip
    assert change == pytest.approx(other.difference, abs=1e-9)


def test_who_lacks_a_week_is_in_no_window_that_has_it() -> None:
    rows = ROWS.assign(
        is_complete=~((ROWS["repository_id"] == "us3/r") & (ROWS["week"] == date(2023, 10, 23)))
    )
    spec = shipped()
    panel = flows(rows, spec, None)
    made = windows(panel, spec, spec.contrasts[0])
    at = panel.position(RULE)
    assert made.units[made.index(at, ""), COMPARISON] == 15
    assert made.before[made.index(at, ""), COMPARISON] == 16
    assert made.units[made.index(at - 8, ""), COMPARISON] == 16
    kept, begun = members(panel, spec, np.asarray([at]))
    assert panel.units[begun[:, 0] & ~kept[:, 0]].tolist() == ["us3/r"]


def test_a_window_with_too_few_says_how_many_there_are() -> None:
    few = flows(commits(weeks=330, sides=(4, 16, 0)), shipped(), None)
    made = windows(few, shipped(), shipped().contrasts[0])
    assert np.isnan(changes(made, log=True)[0]).all()
    with pytest.raises(EventOutsidePanel, match=r"4 treated units of 4 and 16 of 16 others .* five"):
        made.index(few.position(RULE), "a side needs five")
    with pytest.raises(EventOutsidePanel, match="not seen in full"):
        made.index(len(few.weeks) - 2, "")


def test_sides_and_one_unit_less() -> None:
    spec = shipped()
    panel = flows(ROWS, spec, None)
    owners, of_us = spec.contrasts[0], spec.contrasts[1]
    found = pd.crosstab(panel.places, side_of(panel, owners))
    assert (found.loc["CN", TREATED], found.loc["US", COMPARISON], found.loc["ZZ", UNKNOWN]) == (12, 16, 4)
    assert (side_of(panel, of_us) == side_of(panel, owners)).all()
    made = windows(panel, spec, owners)
    fewer = without(made, panel, "us0/r", spec, owners)
    there = panel.units != "us0/r"
    again = windows(type(panel)(
        panel.values[there], panel.units[there], panel.places[there], panel.first[there], panel.weeks
    ), spec, owners)  # fmt: skip
    assert np.array_equal(fewer.sums, again.sums) and np.array_equal(fewer.units, again.units)
    assert np.array_equal(fewer.is_seen, again.is_seen)


def test_the_unknown_given_away_are_in_the_sums() -> None:
    spec = shipped()
    made = windows(flows(ROWS, spec, None), spec, spec.contrasts[0])
    seen = made.is_seen
    to_treated, to_others = (changes(made, log=True, share=share)[0][seen] for share in (1.0, 0.0))
    treated, comparison, unknown = (made.sums[seen, side] for side in (TREATED, COMPARISON, UNKNOWN))
    ratio = (treated + unknown).reshape(-1, 2, 4).sum(axis=2) / comparison.reshape(-1, 2, 4).sum(axis=2)
    assert to_treated == pytest.approx(np.log(ratio[:, 1] / ratio[:, 0]))
    assert not np.allclose(to_treated, to_others)
