"""A sceptic's choices in a spec: other days, other periods, placebo days, signs, weighed donors."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from event_study.specs.model import EventSet, Sample, Spec

RULE = "bis-advanced-computing-rule-2022-10-07"


def with_sample(study: Any, **sample: Any) -> pd.DataFrame:
    """The primary spec's China rows on part of the data, as a robustness spec."""
    primary = next(s for s in study.specs if s.id == "primary")
    study.specs = [primary.model_copy(update={"family": "robustness", "sample": Sample(**sample)})]
    rows = study.estimate().estimates
    return rows[rows["contrast"] == "CN_donors"].set_index("trend")


def test_events_may_be_dated_by_another_clock(study: Any) -> None:
    announced = with_sample(study).loc["none"]
    study.dim_event["effective"] = study.dim_event["announced"].map(lambda d: d.replace(year=d.year - 1))
    moved = with_sample(study, timing="effective").loc["none"]
    assert moved["status"] == "ok" and moved["estimate"] != announced["estimate"]
    missing = with_sample(study, timing="published").loc["none"]
    assert missing["status"] == "not_identified"
    assert missing["reason"] == "the rule of 7 October 2022 has no published day on the timeline"


def test_a_window_is_of_whole_periods_and_shows_in_the_row(study: Any) -> None:
    row = with_sample(study, start=date(2020, 2, 1), end=date(2025, 5, 31)).loc["none"]
    assert (row["window_start"], row["window_end"]) == (date(2020, 4, 1), date(2025, 1, 1))
    assert row["n_periods"] == 20 and row["share_complete"] == 1.0


def test_ending_before_the_second_rule_leaves_one(study: Any) -> None:
    ended = with_sample(study, end=date(2022, 12, 31)).loc["none"]
    assert ended["status"] == "not_identified" and "after the rule of 17 October 2023" in ended["reason"]


def test_the_period_before_each_event_can_be_left_out(study: Any) -> None:
    whole, without = with_sample(study).loc["none"], with_sample(study, drop_before=1).loc["none"]
    assert without["n_periods"] == whole["n_periods"] - 3
    assert without["share_complete"] < 1.0


def test_periods_full_of_holidays_can_be_left_out(both: Any) -> None:
    both.dim_outcome = both.dim_outcome[both.dim_outcome["outcome"] == "models"]
    whole = with_sample(both).loc["none"]
    without = with_sample(both, drop=("golden_week", "lunar_new_year")).loc["none"]
    # seven Octobers; a Lunar New Year fills January or February, rarely both, by a tenth
    assert 14 <= whole["n_periods"] - without["n_periods"] <= 16
    assert without["status"] == "ok" and without["window_end"] == whole["window_end"]


def test_quarters_are_too_long_to_leave_out_for_a_holiday(study: Any) -> None:
    row = with_sample(study, drop=("golden_week",)).loc["none"]
    assert row["reason"] == "holiday weeks fill no quarter by a tenth: none to leave out"


def test_a_holiday_in_the_reference_window_is_told(both: Any) -> None:
    both.dim_country["holiday_calendar"] = both.dim_country["country"].where(lambda c: c.isin(["CN", "US"]))
    rows = both.only("all_outcomes").estimate().estimates
    china = rows[(rows["contrast"] == "CN_donors") & (rows["term"] == "average_post")].set_index("outcome")
    assert china.loc["models", "warnings"].str.contains("HolidayInReference").all()
    assert not china.loc["pushes", "warnings"].fillna("").str.contains("Holiday").any()  # quarters


def test_low_pretrend_power_stands_on_the_rows_that_it_concerns(both: Any) -> None:
    """``LowPretrendPower`` where a drift that the leads find four times in five would be the effect."""
    tables = both.only("all_outcomes").estimate()
    values = tables.diagnostics.pivot(index="estimate_id", columns="diagnostic", values="value").astype(float)
    known = values.dropna(subset=["roth_bias_80", "honest_estimate"])
    low = set(known.index[known["roth_bias_80"].abs() > known["honest_estimate"].abs()])
    warned = tables.estimates["warnings"].fillna("").str.contains("LowPretrendPower")
    assert set(tables.estimates.loc[warned, "estimate_id"]) == low
    assert low and len(low) < len(known)


def test_an_outcome_without_some_of_its_units(study: Any) -> None:
    quarter = study.panel["quarter"]
    halved = quarter.assign(value=quarter["value"] / 2, left_out="deepseek")
    study.panel["quarter"] = pd.concat([quarter.assign(left_out=None), halved])
    whole, without = with_sample(study).loc["none"], with_sample(study, without="deepseek").loc["none"]
    assert without["base_mean"] == pytest.approx(whole["base_mean"] / 2)
    assert without["estimate"] == pytest.approx(whole["estimate"])
    nothing = with_sample(study, without="top_repositories").loc["none"]
    assert nothing["reason"] == "the outcome is not counted without top_repositories"


def test_placebo_days_find_nothing_and_end_before_the_real_events(study: Any) -> None:
    rows = study.only("placebo_days").estimate().estimates.set_index(["event_set", "trend"])
    day = rows.loc[("year_before", "none")]
    assert (day["family"], day["status"], day["planted"]) == ("placebo", "ok", 0.0)
    assert day["window_end"] < date(2022, 8, 9) and day["ci_low"] < 0 < day["ci_high"]
    early = rows.loc[("same_days_2019_2021", "none")]
    assert early["status"] == "not_identified" and early["reason"] == (
        "no complete quarter before 7 October 2019"
    )


def test_signed_events_turn_a_loosening_round(make_study: Any) -> None:
    def mean_step(signs: dict[str, int], effect: float) -> pd.Series:
        study = make_study(seed=3).quarterly()
        quarter = study.panel["quarter"]
        after = (quarter["country"] == "CN") & (pd.to_datetime(quarter["period"]) >= "2023-10-01")
        study.panel["quarter"] = quarter.assign(value=quarter["value"] * np.exp(after * effect))
        spec = next(s for s in study.specs if s.id == "primary")
        chosen = EventSet(name="pair", title="x", events=(RULE, "bis-acs-rule-2023-10-17"), signs=signs)
        study.specs = [spec.model_copy(update={"event_sets": (chosen,)})]
        study.planted = {"pushes": {RULE: 0.5, "bis-acs-rule-2023-10-17": effect}}
        return study.estimate().estimates.set_index(["contrast", "trend"]).loc[("CN_donors", "none")]

    signed = mean_step({RULE: 1, "bis-acs-rule-2023-10-17": -1}, -0.4)
    assert signed["planted"] == pytest.approx(0.45) and signed["estimate"] == pytest.approx(0.45, abs=0.08)
    plain = mean_step({}, -0.4)
    assert plain["planted"] == pytest.approx(0.05) and plain["estimate"] == pytest.approx(0.05, abs=0.08)


@pytest.mark.parametrize("spec_id", ["synthetic_control", "synthetic_did"])
def test_weighed_donors_find_the_same_step(study: Any, spec_id: str) -> None:
    tables = study.only(spec_id).estimate()
    rows = tables.estimates.set_index(["contrast", "trend"])
    row = rows.loc[("CN_donors", "none")]
    assert row["status"] == "ok" and row["estimator"] in ("synth_log", "sdid_log")
    assert row["ci_low"] < 0.5 / 3 < row["ci_high"] and row["p_value"] == row["p_floor"]
    assert "DonorsExceedPrePeriods" in row["warnings"]  # 24 donors, 11 quarters before
    entropy = tables.diagnostics[tables.diagnostics["diagnostic"] == "donor_weights_entropy"]
    assert len(entropy) == (4 if spec_id == "synthetic_control" else 0)
    assert (entropy["value"].astype(float) >= 0).all()


def test_weighed_donors_of_counts_are_no_estimate(both: Any) -> None:
    rows = both.only("synthetic_control").estimate().estimates
    counts = rows[rows["outcome"] == "models"]
    assert (counts["status"] == "not_identified").all()
    assert counts["reason"].unique().tolist() == [
        "donors are weighed by fit, and counts with zeros have no scale to fit on"
    ]


def test_other_inferences_stand_beside_the_headline(study: Any) -> None:
    specs = ("primary", "ferman_pinto", "conformal", "conventional", "conventional_ar1")
    rows = study.only(*specs).estimate().estimates
    china = rows[(rows["contrast"] == "CN_donors") & (rows["trend"] == "none")].set_index("inference")
    same = china.loc[["ri_studentised", "ferman_pinto", "crv1"], "estimate"].astype(float)
    assert same.to_numpy() == pytest.approx(same["ri_studentised"])
    assert china.loc[["crv1", "ar1_gls"], "family"].unique().tolist() == ["replication"]
    told = china.loc[["ri_studentised", "ferman_pinto"], ["p_value", "p_floor"]].astype(float)
    assert (told["p_value"] >= told["p_floor"]).all()
    # 12 quarters after, 11 before: periods cannot be permuted
    conformal = china.loc["none"]
    assert (conformal["status"], conformal["term"]) == ("not_identified", "average_post")
    assert conformal["reason"].startswith("11 quarters before the first event and 12 after it")


def test_periods_are_permuted_where_more_lie_before_than_after(study: Any) -> None:
    spec = next(s for s in study.specs if s.id == "conformal")
    study.specs = [spec.model_copy(update={"sample": Sample(end=date(2024, 12, 31))})]
    quarter = study.panel["quarter"]
    study.panel["quarter"] = quarter.assign(value=quarter["value"] ** 2)  # doubles the step
    row = study.estimate().estimates.set_index("contrast").loc["CN_donors"]
    assert (row["status"], row["inference"]) == ("ok", "conformal")
    assert row["p_floor"] == pytest.approx(1 / 20) and row["p_value"] >= row["p_floor"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inference": "ar1_gls", "family": "robustness"}, "only family replication"),
        ({"inference": "conformal", "family": "headline"}, "a headline is ranked by ri_studentised"),
    ],
)
def test_a_spec_cannot_pass_a_conventional_error_for_more(
    study: Any, changes: dict[str, Any], message: str
) -> None:
    primary = next(s for s in study.specs if s.id == "primary")
    with pytest.raises(ValidationError, match=message):
        Spec.model_validate(primary.model_dump() | changes)


def test_a_placebo_set_is_for_placebos_and_signs_are_of_its_own_events(study: Any) -> None:
    placebo = next(s for s in study.specs if s.id == "placebo_days")
    with pytest.raises(ValidationError, match="only family placebo"):
        Spec.model_validate(placebo.model_dump() | {"family": "robustness"})
    with pytest.raises(ValidationError, match="signs name other"):
        EventSet.model_validate({"name": "x", "title": "x", "events": [RULE], "signs": {"other": -1}})
