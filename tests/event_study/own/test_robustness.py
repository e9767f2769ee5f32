"""What stands beside the answer of one's own panel: weighed donors, each donor left out, a placebo date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import SpecError
from event_study.own import panel as own_panel
from event_study.own.panel import OwnStudy, study_of
from event_study.own.paths import paths_of
from event_study.own.robustness import weights_of
from event_study.own.spec import OwnSpec
from tests.event_study.firms import EVENT, counts, firms, months, put, spec

QUICK: dict[str, Any] = {"terms": ["mean_step"], "trends": ["none"]}
WEIGHED = ("synth", "sdid")


def named(made: OwnStudy, kind: str) -> pd.Series:
    """The mean step by this comparison: plain, synth, sdid or in_time_placebo."""
    rows = made.tables.estimates if kind == "plain" else made.further.estimates
    wanted = "price" if kind == "plain" else f"price_{kind}"
    return rows[(rows["spec_id"] == wanted) & (rows["term"] == "mean_step")].iloc[0]


def of(made: OwnStudy, kind: str) -> pd.DataFrame:
    """Diagnostics of that step, by name."""
    tables = made.tables if kind == "plain" else made.further
    rows = tables.diagnostics
    return rows[rows["estimate_id"] == named(made, kind)["estimate_id"]].set_index("diagnostic")


@cache
def asked(donors: int, seed: int) -> OwnStudy:
    return study_of(firms(donors, seed=seed), spec(**QUICK))


@settings(max_examples=25, deadline=None)
@given(donors=st.integers(2, 26), seed=st.integers(0, 10_000), kind=st.sampled_from(WEIGHED))
def test_weights_are_shares_of_one(donors: int, seed: int, kind: str) -> None:
    made = asked(donors, seed)
    found = weights_of(of(made, kind).reset_index().to_dict("records"))
    assert set(found.donors) == {f"D{i:02d}" for i in range(donors)}
    assert min(found.donors.values()) >= 0 and sum(found.donors.values()) == pytest.approx(1)
    assert bool(found.periods) == (kind == "sdid")
    if found.periods:
        assert min(found.periods.values()) >= 0 and sum(found.periods.values()) == pytest.approx(1)
        assert max(found.periods) < EVENT


@pytest.mark.slow
@pytest.mark.parametrize("donors", [3, 20])  # without and with a rank
@pytest.mark.parametrize("kind", ["plain", *WEIGHED])
def test_the_range_without_one_donor_is_that_of_the_panels_without_it(kind: str, donors: int) -> None:
    rows = firms(donors, seed=5)
    made = study_of(rows, spec(**QUICK))
    without = {
        name: named(study_of(rows[rows["firm"] != name], spec(**QUICK)), kind)["estimate"]
        for name in rows["firm"].unique() if name != "A"
    }  # fmt: skip
    for end, choose in (("leave_one_out_low", min), ("leave_one_out_high", max)):
        said = of(made, kind).loc[end]
        name = choose(without, key=without.__getitem__)
        assert said["value"] == pytest.approx(without[name], rel=1e-9)
        assert said["note"].split("; ")[0] == f"without {name}"
    assert (of(made, "plain").loc["leave_one_out_low", "p_value"] is not None) == (donors == 20)


def test_a_single_donor_is_not_left_out() -> None:
    made = study_of(firms(1), spec(**QUICK))
    for kind in ("plain", *WEIGHED):
        assert not any(name.startswith("leave_one_out") for name in of(made, kind).index)


def test_counts_without_one_donor() -> None:
    rows = counts(20)
    made = study_of(rows, spec({"estimator": "ppml"}, **QUICK))
    low = of(made, "plain").loc["leave_one_out_low"]
    name = low["note"].split("; ")[0].removeprefix("without ")
    again = study_of(rows[rows["firm"] != name], spec({"estimator": "ppml"}, **QUICK))
    assert low["value"] == pytest.approx(named(again, "plain")["estimate"], rel=1e-9)
    assert set(made.further.estimates["family"]) == {"placebo"}  # nothing to weigh on, and nobody asked


def test_weighed_counts_that_are_asked_for_are_a_row_with_the_reason() -> None:
    made = study_of(counts(20), spec({"estimator": "ppml"}, weighed=["synth"], **QUICK))
    row = made.further.estimates.query("spec_id == 'price_synth'").iloc[0]
    assert row["status"] == "not_identified" and "counts with zeros have no scale" in row["reason"]


def test_weighed_comparisons_can_be_named_or_left_out() -> None:
    made = study_of(firms(20), spec(weighed=["sdid"], **QUICK))
    assert set(made.further.estimates["estimator"]) == {"sdid_log", "ols_log"}
    assert "donor_weight:D00" in of(made, "sdid").index
    none = study_of(firms(20), spec(weighed=[], **QUICK))
    assert set(none.further.estimates["family"]) == {"placebo"}


@pytest.mark.parametrize("inference", ["ri_persistent", "conformal", "ar1_gls"])
def test_where_the_estimate_is_no_plain_step_none_is_said_to_be_without_a_donor(inference: str) -> None:
    made = study_of(firms(20), spec(inference=inference, trends=["none"]))
    assert not made.tables.diagnostics["diagnostic"].str.startswith("leave_one_out").any()
    assert named(made, "synth")["inference"] == "ri_studentised"


def test_conventional_errors_stand_beside_ranked_comparisons() -> None:
    made = study_of(firms(20), spec(inference="crv1", trends=["none"]))
    assert named(made, "sdid")["family"] == "robustness" and named(made, "sdid")["p_value"] is not None
    assert of(made, "plain").loc["leave_one_out_low", "value"] < named(made, "plain")["estimate"]


def test_more_donors_than_can_be_left_out_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("event_study.own.robustness.MOST_DONORS", 10)
    monkeypatch.setattr(own_panel, "MOST_DONORS", 10)
    made = study_of(firms(20), spec(**QUICK))
    assert set(made.further.estimates["family"]) == {"placebo"}
    assert "leave_one_out_low" not in of(made, "plain").index
    assert len(made.notes) == 1 and "name fewer in panel.donors" in made.notes[0]
    assert study_of(firms(10), spec(**QUICK)).notes == ()


def cut(rows: pd.DataFrame, before: date) -> pd.DataFrame:
    return rows[rows["month"] < before]


@pytest.mark.parametrize("placebo", [None, date(2019, 9, 1)])
def test_the_placebo_date_is_the_study_of_the_periods_before(placebo: date | None) -> None:
    rows = firms(20)
    made = study_of(rows, spec(placebo_date=placebo, **QUICK))
    days = [day for day in months() if day < EVENT]
    day = placebo or days[len(days) // 2]
    before = study_of(cut(rows, EVENT), spec(events={"cut": day}, **QUICK))
    assert made.placebo_date == day
    for number in ("estimate", "ci_low", "ci_high", "p_value"):
        assert named(made, "in_time_placebo")[number] == pytest.approx(named(before, "plain")[number])
    assert abs(named(made, "in_time_placebo")["estimate"]) < 0.1 < named(made, "plain")["estimate"]


def test_a_placebo_date_finds_what_was_there_before_the_event() -> None:
    rows = firms(20)
    early = (rows["firm"] == "A") & (rows["month"] >= date(2020, 1, 1))
    rows.loc[early, "sales"] *= np.exp(0.4)
    made = study_of(rows, spec(placebo_date="2020-01-01", **QUICK))
    assert named(made, "in_time_placebo")["ci_low"] > 0.2


def test_too_few_periods_before_have_no_placebo_date() -> None:
    made = study_of(firms(20), spec({"window": [date(2021, 3, 1), date(2023, 1, 1)]}, **QUICK))
    assert made.placebo_date is None and set(made.further.estimates["family"]) == {"robustness"}


@pytest.mark.parametrize("day", ["2021-07-01", "2022-01-01"])
def test_a_placebo_date_at_or_after_the_event_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r"placebo_date is .* expected a day before the first event"):
        spec(placebo_date=day)


def test_a_set_may_have_the_placebo_s_own_name() -> None:
    made = study_of(firms(20), spec(event_sets={"in_time_placebo": ["cut"]}, **QUICK))
    placebo = made.further.estimates.query("family == 'placebo'").iloc[0]
    assert placebo["event_set"] not in ("in_time_placebo", "cut") and placebo["status"] == "ok"


def test_leads_have_a_joint_p_whatever_else_is_asked() -> None:
    for terms in (["dynamics"], ["dynamics", "average_post"]):
        made = study_of(firms(), spec(terms=terms, trends=["none"]))
        found = made.tables.diagnostics.query("diagnostic == 'pre_trend_test'")
        assert len(found) == 1 and 0 < found["p_value"].iloc[0] <= 1


def test_gaps_that_are_drawn_start_from_their_mean_before() -> None:
    case = study_of(firms(5), spec(**QUICK)).cases[0]
    made = paths_of(case)
    assert made is not None and list(made.gaps.columns) == ["A", *(f"D{i:02d}" for i in range(5))]
    before = made.gaps[[day < EVENT for day in made.gaps.index]]
    assert before.mean().abs().max() < 1e-12
    assert made.gaps["A"][made.gaps.index >= EVENT].mean() == pytest.approx(0.3, abs=0.05)


def treated(rows: pd.DataFrame, starts: dict[str, date]) -> pd.DataFrame:
    begun = rows["firm"].map(starts)
    return rows.assign(open=[day >= start if isinstance(start, date) else False
                             for day, start in zip(rows["month"], begun, strict=True)])  # fmt: skip


def with_treatment(**changed: Any) -> OwnSpec:
    return spec({"treatment": "open", **changed}, **QUICK)


@settings(max_examples=20, deadline=None)
@given(
    order=st.permutations(range(60)),
    starts=st.dictionaries(
        st.sampled_from(["D01", "D05", "D11"]), st.sampled_from(months()[5:55]), min_size=1
    ),
)
def test_a_staggered_panel_is_refused_in_any_order(order: Sequence[int], starts: dict[str, date]) -> None:
    rows = treated(firms(20), {"A": EVENT, **starts})
    shuffled = pd.concat([rows.iloc[k::60] for k in order])
    with pytest.raises(SpecError) as caught:
        study_of(shuffled, with_treatment())
    said = str(caught.value)
    assert said.startswith(f"panel.treatment: column open is true of {1 + len(starts)} units from")
    assert "did2s" in said and "Sun and Abraham" in said and all(unit in said for unit in sorted(starts)[:3])


def test_one_treated_unit_whose_column_agrees_is_the_plain_study() -> None:
    rows = treated(firms(20), {"A": EVENT})
    assert named(study_of(rows, with_treatment()), "plain")["estimate"] == pytest.approx(
        named(study_of(firms(20), spec(**QUICK)), "plain")["estimate"]
    )
    as_text = rows.assign(open=rows["open"].map({True: "1", False: "0"}))
    assert study_of(as_text, with_treatment()).reading == study_of(rows, with_treatment()).reading


def test_treated_units_that_are_no_donors_do_no_harm() -> None:
    rows = treated(firms(24), {"A": EVENT, "D23": date(2020, 1, 1)})
    donors = [f"D{i:02d}" for i in range(23)]
    made = study_of(rows, with_treatment(donors=donors))
    assert named(made, "plain")["donors"] == 23


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        (
            {"A": date(2021, 8, 1)},
            "events: the first is in July 2021, and column open is true of A from August",
        ),
        ({}, "panel.treatment: column open is true nowhere, expected true for A"),
        (
            {"D04": EVENT},
            "panel.treatment: column open is true of 1 unit from July 2021 on, expected of A alone",
        ),
    ],
)
def test_a_treatment_that_is_not_the_events_is_refused(starts: dict[str, date], said: str) -> None:
    with pytest.raises(SpecError) as caught:
        study_of(treated(firms(20), starts), with_treatment())
    assert str(caught.value).startswith(said) and "\n" not in str(caught.value)


def test_a_treatment_that_ends_is_refused() -> None:
    rows = treated(firms(20), {"A": EVENT})
    ended = rows.assign(open=rows["open"] & (rows["month"] < date(2022, 3, 1)))
    with pytest.raises(
        SpecError, match="column open is false of A again in March 2022, expected a treatment"
    ):
        study_of(ended, with_treatment())


def test_events_named_for_units_are_staggered_starts() -> None:
    events = {"A": EVENT, "D03": date(2020, 5, 1)}
    with pytest.raises(SpecError, match=r"events: A and D03 are units, each with a day of its own: .*did2s"):
        study_of(firms(20), spec(events=events))


def test_values_are_those_of_the_units_compared() -> None:
    rows = put(firms(24), None, "D03", month=date(2020, 1, 1))
    made = study_of(rows, spec({"donors": [f"D{i:02d}" for i in range(20)]}, **QUICK))
    assert sorted(made.values.columns) == ["A", *(f"D{i:02d}" for i in range(20))]
    assert np.isnan(made.values.loc[date(2020, 1, 1), "D03"])
