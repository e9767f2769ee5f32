"""Whose the repositories of unknown place may be: sets of every way to give them away."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from event_study.bounds.identified_set import UnionBounds
from event_study.cohorts.unit_questions import estimate_units, identify_units
from event_study.cohorts.unplaced import is_open
from tests.event_study.cohorts.repositories import EVENTS, OUTCOMES, commits, shipped

SPEC = shipped(outcomes=("open_ml_commits",))


def row(weeks: pd.DataFrame) -> pd.Series:
    """China against other owners, around the rule of 2023."""
    asked = identify_units(weeks, OUTCOMES, EVENTS, [SPEC])
    made = estimate_units(weeks, OUTCOMES, EVENTS, [SPEC], asked, origin="sample", inputs_sha256="")
    rows = made.estimates.set_index(["event_set", "contrast"])
    assert (
        asked.set_index(["event_set", "contrast"]).loc[("rule_2023", "CN_owners"), "status"] == "identified"
    )
    return rows.loc[("rule_2023", "CN_owners")]


@pytest.fixture(scope="module")
def weeks() -> pd.DataFrame:
    return commits(effect=0.5, sides=(12, 16, 6))


def test_the_union_holds_the_sets_of_those_who_call_the_unknown_theirs(weeks: pd.DataFrame) -> None:
    found = row(weeks)
    for place in ("CN", "US"):
        given = weeks.assign(country=weeks["country"].replace("ZZ", place))
        theirs = row(given)
        assert (
            found["bound_low"] <= theirs["ci_low"] + 1e-9 and theirs["ci_high"] <= found["bound_high"] + 1e-9
        )
        assert theirs["bound_low"] is None  # nothing is unknown any more
    assert found["bound_low"] <= found["ci_low"] and found["ci_high"] <= found["bound_high"]
    assert found["worst_low"] <= found["bound_low"] and found["bound_high"] <= found["worst_high"]


def test_a_side_is_overturned_by_a_share_that_moves_and_never_where_nothing_is_unknown(
    weeks: pd.DataFrame,
) -> None:
    found = row(weeks)
    assert found["ci_low"] > 0 and 0 < found["breakdown"] < 1
    assert row(weeks[weeks["country"] != "ZZ"])["breakdown"] is None


def test_what_leaves_a_halving_and_a_doubling_open_is_described() -> None:
    assert is_open(UnionBounds(-0.7, 0.7, -1, 1, None, None))
    assert not is_open(UnionBounds(-0.7, 0.69, -1, 1, None, None))
    assert is_open(UnionBounds(-math.inf, math.inf, -math.inf, math.inf, None, None))
    restless = commits(sides=(5, 5, 12), seed=3)
    noisy = restless["week"].map(lambda day: 3.0 if day.toordinal() // 7 % 5 < 2 else 0.4)
    turned = restless.assign(
        value=restless["value"].where(restless["country"] != "CN", restless["value"] * noisy)
    )
    found = row(turned.assign(value=turned["value"].round()))
    assert found["status"] == "descriptive" and found["p_value"] is None and found["ci_low"] is None
    assert found["estimate"] is not None and found["bound_low"] < -math.log(2)
    assert "holds both a halving and a doubling" in found["reason"]
