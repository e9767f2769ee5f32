"""Week by week around an event: what starts in its week shows from its week on, and nothing before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from event_study.cohorts.event_time_design import paths_around
from event_study.cohorts.unit_questions import estimate_units, identify_units
from event_study.specs.unit_model import UnitSpec
from tests.event_study.cohorts.forks import EVENTS, OUTCOMES, spec, world

WEEK_BY_WEEK: dict[str, Any] = {
    "design": "event_time",
    "half": 5,
    "reference": (-5, -3),
    "family": "robustness",
}


def rows(effects: dict[str, float], planted: float | None = None, **changes: object) -> pd.DataFrame:
    asked = spec("profile", **{**WEEK_BY_WEEK, **changes})
    weeks = world(effects).weeks
    known = identify_units(weeks, OUTCOMES, EVENTS, [asked])
    found = estimate_units(
        weeks, OUTCOMES, EVENTS, [asked], known, origin="sample", inputs_sha256="abc",
        placed_by={"llm_repository_forks": "profile"},
        planted=None if planted is None
        else {"llm_repository_forks": {"bis-acs-rule-2023-10-17": planted}},
    ).estimates  # fmt: skip
    return found.assign(k=found["term"].str[2:].astype(int)).set_index("k").sort_index()


def test_a_step_shows_from_its_week_on_in_forks_a_repository_and_week() -> None:
    found = rows({"CN": 4.0}, planted=float(np.log(7 / 3)))
    assert found.index.tolist() == list(range(-5, 5))
    assert (found["status"] == "ok").all() and (found["inference"] == "ri_dates").all()
    after, before = found.loc[1:], found.loc[:-1]
    assert ((after["ci_low"] > 0) & (after["ci_low"] < 4) & (after["ci_high"] > 4)).all()
    assert (before["ci_low"] < 0).all() and (before["ci_high"] > 0).all()
    assert found.loc[-5:-3, "estimate"].mean() == pytest.approx(0.0, abs=1e-9)
    assert np.allclose(found.loc[1:, "planted"], 4.0, rtol=0.1)
    assert (found.loc[:-1, "planted"] == 0).all()
    assert found["p_value"].between(found["p_floor"], 1).all()


def test_nothing_is_tested_where_too_few_windows_fit() -> None:
    found = rows({"CN": 4.0}, half=16, reference=(-16, -3))
    assert (found["status"] == "descriptive").all() and len(found) == 32
    assert found["estimate"].notna().all() and found["p_value"].isna().all() and found["ci_low"].isna().all()


def test_an_outcome_that_was_not_seen_has_one_row_that_says_so() -> None:
    found = rows({}, outcomes=("ml_repository_forks",))
    assert found.index.tolist() == [0] and found["status"].tolist() == ["not_identified"]
    assert "no unit has a value" in str(found.loc[0, "reason"])


@pytest.mark.parametrize("reference", [(-6, -3), (-3, 0)])
def test_reference_weeks_lie_within_the_weeks_before(reference: tuple[int, int]) -> None:
    with pytest.raises(ValidationError, match="reference is not within the half weeks"):
        spec("profile", **{**WEEK_BY_WEEK, "reference": reference})


def test_a_correction_is_of_changes_alone() -> None:
    with pytest.raises(ValidationError, match="corrected, which only design pre_post does"):
        spec("labelled", **WEEK_BY_WEEK)


@given(st.lists(st.integers(10, 40), min_size=1, max_size=3, unique=True), st.floats(-3, 3))
def test_a_level_drops_out_and_a_path_is_the_mean_of_its_dates(dates: list[int], level: float) -> None:
    asked: UnitSpec = spec("profile", **WEEK_BY_WEEK)
    gap = np.sin(np.arange(60.0))
    whole = paths_around(gap + level, np.asarray([dates]), asked)[0]
    alone = [paths_around(gap, np.asarray([[day]]), asked)[0] for day in dates]
    assert np.allclose(whole, np.mean(alone, axis=0))
    assert whole[:3].mean() == pytest.approx(0.0, abs=1e-9)  # the reference weeks
