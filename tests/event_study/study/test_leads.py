"""Leads are seen before any event: no effect of an event is taken for a drift before another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from event_study.own.panel import study_of
from tests.event_study.firms import counts, firms, months, spec

EVENTS = {"first": date(2020, 10, 1), "second": date(2021, 9, 1), "third": date(2022, 8, 1)}
TERMS = ("average_post", "dynamics", "pre_trend")


def after(event: str, size: float) -> Callable[[date], float]:
    return lambda day: size * (day >= EVENTS[event])


def ramp(day: date) -> float:
    return 0.03 * sum(day >= event for event in EVENTS.values()) * (day - EVENTS["first"]).days / 30


def growth(day: date) -> float:
    return 0.02 * months().index(day)


def moved(effect: Callable[[date], float], rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Firm A without the effect of ``firms`` but with this one, in logs."""
    rows = firms(seed=4) if rows is None else rows
    own = np.exp([effect(day) - 0.3 * (day >= date(2021, 7, 1)) for day in rows["month"]])
    return rows.assign(sales=rows["sales"].where(rows["firm"] != "A", rows["sales"] * own))


def leads(made: Any) -> pd.DataFrame:
    rows = made.tables.estimates
    return rows[rows["term"].str.startswith("k=-")]


@pytest.mark.parametrize("effect", [after("third", 0.6), after("first", -0.9), ramp])
def test_no_effect_of_an_event_is_a_lead(effect: Callable[[date], float]) -> None:
    """Whatever events do, leads are those of the same panel without any effect, to the last digit."""
    with_effect = study_of(moved(effect), spec(events=EVENTS, terms=TERMS))
    without = study_of(moved(lambda day: 0.0), spec(events=EVENTS, terms=TERMS))
    seen, null = leads(with_effect), leads(without)
    assert list(seen["term"].unique()) == ["k=-12", "k=-13", "k=-3", "k=-6"]
    for column in ("estimate", "p_value", "ci_low"):
        assert seen[column].astype(float).to_numpy() == pytest.approx(
            null[column].astype(float).to_numpy(), abs=1e-9
        )
    assert set(seen["window_end"]) == {date(2020, 9, 1)}
    joint = with_effect.tables.diagnostics.query("diagnostic == 'pre_trend_test'")
    assert len(joint) == 2 and (joint["p_value"].astype(float) > 0.05).all()


def test_a_drift_before_the_first_event_is_a_lead() -> None:
    made = study_of(moved(growth), spec(events=EVENTS, terms=TERMS, trends=("none",)))
    assert leads(made).set_index("term").loc["k=-13", "p_value"] == pytest.approx(1 / 25)
    joint = made.tables.diagnostics.query("diagnostic == 'pre_trend_test'")
    assert joint["p_value"].astype(float).tolist() == [pytest.approx(1 / 25)]


def test_leads_of_counts_are_those_before_the_first_event_too() -> None:
    panel, rows = {"estimator": "ppml"}, counts()
    jump = rows.assign(
        sales=rows["sales"].where((rows["firm"] != "A") | (rows["month"] < EVENTS["third"]), 90)
    )
    seen, null = (leads(study_of(one, spec(panel, events=EVENTS, terms=TERMS))) for one in (jump, rows))
    assert seen["estimate"].tolist() == pytest.approx(null["estimate"].tolist(), abs=1e-9)


def test_leads_without_a_reference_before_the_first_event_say_so() -> None:
    early = {"first": date(2019, 3, 1), "third": EVENTS["third"]}
    made = study_of(moved(after("third", 0.6)), spec(events=early, terms=("dynamics",), trends=("none",)))
    assert leads(made)["estimate"].isna().all()


def test_one_event_has_the_leads_it_had() -> None:
    """With one event and no trend its leads are bin means before it, less the window's."""
    made = study_of(firms(), spec(terms=("dynamics",), trends=("none",)))
    wide = np.log(firms().pivot(index="month", columns="firm", values="sales"))
    gap = (wide["A"] - wide.drop(columns="A").mean(axis=1)).to_numpy()[:30]
    window = (gap[-6:-3].mean() + gap[-3:].mean()) / 2
    row = leads(made).set_index("term")["estimate"]
    assert row["k=-12"] == pytest.approx(gap[-12:-6].mean() - window, abs=1e-12)


def test_two_estimands_never_share_a_name() -> None:
    """Weeks with few donors: the average over lags, and the change that is ranked among dates."""
    days = [date.fromordinal(date(2018, 1, 1).toordinal() + 7 * k) for k in range(260)]
    rows = firms(3, periods=days).rename(columns={"month": "week"})
    made = study_of(rows, spec({"time": "week", "frequency": "week"}, terms=("average_post",)))
    estimates = made.tables.estimates
    named = estimates.groupby(["term", "trend"])["estimate"].nunique()
    assert (named == 1).all()
    dated = estimates[estimates["inference"] == "ri_dates"]
    assert dated["term"].tolist() == ["window_change"]
    permuted = study_of(firms(), spec(inference="conformal", events={"late": date(2023, 3, 1)}))
    assert permuted.tables.estimates["term"].tolist() == ["mean_gap"]
