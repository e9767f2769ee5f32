"""From repository weeks and specs to rows: what is identified, found, described, and why not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from event_study.cohorts.unit_questions import UnitTables, estimate_units, identify_units
from event_study.errors import SpecHashMismatch
from event_study.panel.adapter import from_marts
from event_study.schemas import SCHEMAS, to_arrow
from event_study.specs.model import specs_sha256
from event_study.specs.unit_model import UnitSpec
from tests.event_study.cohorts.repositories import EVENTS, OUTCOMES, RULES, commits, shipped

SAID = {"origin": "sample", "inputs_sha256": "abc"}


@dataclass(frozen=True)
class Made:
    identification: pd.DataFrame
    tables: UnitTables

    def row(self, event_set: str, contrast: str = "CN_owners") -> pd.Series:
        rows = self.tables.estimates
        return rows[(rows["event_set"] == event_set) & (rows["contrast"] == contrast)].iloc[0]

    def beside(self, event_set: str) -> pd.DataFrame:
        table = self.tables.diagnostics
        return table[table["estimate_id"] == self.row(event_set)["estimate_id"]].set_index("diagnostic")


def made(weeks: pd.DataFrame, spec: UnitSpec, planted: dict[str, dict[str, float]] | None = None) -> Made:
    identification = identify_units(weeks, OUTCOMES, EVENTS, [spec])
    return Made(
        identification,
        estimate_units(weeks, OUTCOMES, EVENTS, [spec], identification, planted=planted, **SAID),
    )


@pytest.fixture(scope="module")
def found() -> Made:
    planted = {"open_ml_commits": {"bis-acs-rule-2023-10-17": 0.8}}
    return made(commits(effect=0.8), shipped(outcomes=("open_ml_commits",)), planted)


def test_a_planted_effect_is_found_where_it_is_and_nowhere_else(found: Made) -> None:
    rule = found.row("rule_2023")
    assert rule["status"] == "ok" and rule["inference"] == "ri_dates"
    assert rule["p_value"] == rule["p_floor"] == 1 / (1 + rule["disjoint_windows"])
    assert rule["ci_low"] <= rule["planted"] <= rule["ci_high"] and rule["ci_low"] > 0
    assert rule["planted"] == pytest.approx(0.8 * (6 / 7 + 3) / 4)  # its own week begins a day before it
    assert rule["percent_effect"] == pytest.approx(np.expm1(rule["estimate"]))
    for other in ("chips_act_2022", "rule_2022", "rule_2024"):
        assert found.row(other)["p_value"] > 0.05 and found.row(other)["planted"] == 0.0


def test_rows_say_what_they_were_made_from(found: Made) -> None:
    rule = found.row("rule_2023")
    assert (
        rule["estimate_id"] == "unit_commits/open_ml_commits/rule_2023/CN_owners/window_change/none/ri_dates"
    )
    assert (rule["donors"], rule["n_units"], rule["n_periods"], rule["n_obs"]) == (16, 28, 8, 224)
    assert (str(rule["window_start"]), str(rule["window_end"])) == ("2023-09-11", "2023-11-06")
    assert 0 < rule["share_unknown_country"] < 0.2 and rule["share_complete"] == 1.0
    assert rule["placebo_windows"] > 200 and rule["disjoint_windows"] >= 20
    assert f"{rule['disjoint_windows']} disjoint windows" in rule["reason"]
    assert found.row("rule_2023", "CN_clock")["reason"] == "no unit has a value in any week"
    for name in ("estimates", "diagnostics", "placebos"):
        to_arrow(name, getattr(found.tables, name))
    table = to_arrow("identification", found.identification)
    assert set(table["status"].to_pylist()) == {"identified", "not_identified"}
    assert set(SCHEMAS["identification"].names) == set(found.identification.columns)


def test_every_placebo_date_is_a_row_and_none_is_near_a_rule(found: Made) -> None:
    rule = found.row("rule_2023")
    rows = found.tables.placebos
    own = rows[rows["estimate_id"] == rule["estimate_id"]]
    assert len(own) == rule["placebo_windows"]
    days = pd.to_datetime(own["placebo"])
    assert all((days - pd.Timestamp(day)).abs().min().days > 49 for day in RULES.values())


def test_what_stands_beside_a_change(found: Made) -> None:
    beside = found.beside("rule_2023")
    assert beside.loc["units_treated", "value"] == 12 and beside.loc["units_comparison", "value"] == 16
    assert beside.loc["permutation", "p_value"] < 0.05 and beside.loc["clustered_error", "value"] > 0
    row = found.row("rule_2023")
    assert (
        beside.loc["unknown_low", "value"] <= row["ci_low"]
        and beside.loc["unknown_high", "value"] >= row["ci_high"]
    )
    assert "cn" in beside.loc["without_largest_treated", "note"]
    assert 0 < beside.loc["minimum_detectable_effect", "value"] < 0.8
    places = beside.loc["rank_among_places"]
    assert (places["value"], places["p_value"]) == (1.0, 1.0)  # two places are each other's mirror


def test_few_disjoint_windows_are_described_without_a_p() -> None:
    short = commits()[lambda rows: rows["week"] >= pd.Timestamp("2022-06-01").date()]
    spec = shipped(outcomes=("open_ml_commits",), cohort={"age": 0})
    done = made(short.assign(first_week=short["week"].min()), spec)
    row = done.row("rule_2023")
    asked = done.identification.set_index(["event_set", "contrast"]).loc[("rule_2023", "CN_owners")]
    weeks = 8 * (20 - row["disjoint_windows"])
    assert asked["needs"] == f"{weeks} more weeks seen in full, away from the events and from holidays"
    assert row["status"] == "descriptive" and row["disjoint_windows"] < 20
    assert row["estimate"] is not None and row["p_value"] is None and row["ci_low"] is None
    assert "the change is shown, without a p-value" in row["reason"]


def test_an_event_before_the_weeks_is_not_identified() -> None:
    late = commits()[lambda rows: rows["week"] >= pd.Timestamp("2023-01-02").date()]
    row = made(late, shipped(outcomes=("open_ml_commits",))).row("rule_2022")
    assert (row["status"], row["estimate"]) == ("not_identified", None)
    assert row["reason"].startswith("the weeks seen run from 2023-01-")


def test_mostly_unknown_is_refused() -> None:
    mostly = commits(sides=(6, 6, 80), weeks=330)
    row = made(mostly, shipped(outcomes=("open_ml_commits",))).row("rule_2023")
    assert row["status"] == "refused" and row["p_value"] is None and "no certain place" in row["reason"]


def test_a_clock_says_nothing_of_the_truth_by_owner() -> None:
    planted = {"open_ml_commits": {"bis-acs-rule-2023-10-17": 0.8}}
    spec = shipped(outcomes=("open_ml_commits",))
    row = made(commits(effect=0.8, method="commit_offset"), spec, planted).row("rule_2023", "CN_clock")
    assert row["status"] == "ok" and row["planted"] is None


def test_no_rows_at_all_are_rows_with_a_reason() -> None:
    done = made(commits().head(0), shipped(outcomes=("open_ml_commits",)))
    assert set(done.tables.estimates["status"]) == {"not_identified"}
    assert len(done.tables.estimates) == 12 and done.tables.placebos.empty


def test_another_identification_is_refused(found: Made) -> None:
    weeks, spec = commits(weeks=330), shipped(outcomes=("open_ml_commits",))
    asked = identify_units(weeks, OUTCOMES, EVENTS, [spec])
    with pytest.raises(SpecHashMismatch, match="identify again"):
        estimate_units(weeks, OUTCOMES, EVENTS, [shipped(half=3)], asked, **SAID)
    turned = asked.assign(status="descriptive")
    with pytest.raises(SpecHashMismatch, match="says descriptive"):
        estimate_units(weeks, OUTCOMES, EVENTS, [spec], turned, **SAID)
    assert specs_sha256([spec]) != specs_sha256([shipped(half=3)])


def test_outcomes_by_week_are_none_of_the_ordinary_study() -> None:
    outcomes = pd.DataFrame({
        "outcome": ["open_ml_commits", "papers"], "frequency": ["week", "year"], "estimator": "ppml",
        "is_primary": False, "window_start": None, "window_end": None,
    })  # fmt: skip
    countries = pd.DataFrame({"country": ["CN"], "is_default_donor": [False]})
    data = from_marts({"year": pd.DataFrame(columns=["outcome"])}, outcomes, EVENTS, countries, None)
    assert set(data.outcomes) == {"papers"}
