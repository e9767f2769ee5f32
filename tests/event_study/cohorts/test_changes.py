"""The paper's design by who acts: what the clock says, what is planted, and what corrections make of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.cohorts.actor_places import ACTORS, Clocks
from event_study.cohorts.unit_questions import UnitTables, estimate_units, identify_units
from event_study.errors import SpecError
from event_study.schemas import to_arrow
from event_study.specs.unit_model import UnitSpec
from event_study.units.pre_post import group_changes
from tests.event_study.cohorts.forks import EVENTS, OUTCOMES, World, spec, world

PARTS = ("change_treated", "change_comparison", "change_difference", "change_ratio")


@dataclass(frozen=True)
class Made:
    identification: pd.DataFrame
    tables: UnitTables

    def row(self, contrast: str, term: str = "change_difference", event_set: str = "rule_2023") -> Any:
        rows = self.tables.estimates
        asked = (rows["contrast"] == contrast) & (rows["term"] == term) & (rows["event_set"] == event_set)
        assert asked.sum() == 1
        return rows[asked].iloc[0]

    def beside(self, row: Any) -> Any:
        table = self.tables.diagnostics
        return table[table["estimate_id"] == row["estimate_id"]].set_index("diagnostic")


def made(found: World, asked: UnitSpec) -> Made:
    identification = identify_units(found.weeks, OUTCOMES, EVENTS, [asked], clocks=found.clocks)
    tables = estimate_units(
        found.weeks, OUTCOMES, EVENTS, [asked], identification, clocks=found.clocks, origin="sample",
        inputs_sha256="abc",
    )  # fmt: skip
    return Made(identification, tables)


@cache
def china_alone() -> World:
    return world({"CN": 1.5})


@cache
def found() -> Made:
    contrasts = ("clock", "labelled", "confusion", "mixture", "cut_14", "cut_17", "profile")
    return made(china_alone(), spec(*contrasts, halves=(8,)))


def test_rows_are_whole_and_say_what_they_were_made_from() -> None:
    tables = found().tables
    for name in ("estimates", "diagnostics", "placebos"):
        to_arrow(name, getattr(tables, name))
    to_arrow("identification", found().identification)
    rows = tables.estimates
    assert not rows["estimate_id"].duplicated().any()
    assert set(rows["term"].str.partition(":")[0]) == set(PARTS)
    clock = found().row("clock")
    assert (clock["status"], clock["inference"], clock["family"]) == ("ok", "ri_dates", "replication")
    assert clock["p_value"] <= 0.05 and clock["ci_low"] > 0 and clock["disjoint_windows"] >= 20
    assert clock["n_periods"] == 8  # four weeks a side of one event
    assert found().beside(clock).loc["clustered_error", "value"] > 0


def test_the_change_is_that_of_the_groups_weekly_means() -> None:
    weeks = china_alone().weeks
    early = weeks[(weeks["country_method"] == "clock_17utc") & (weeks["country"] == "CN")]
    mean = early.groupby("week")["value"].mean()
    at = int(np.argmax([day >= pd.Timestamp("2023-10-16").date() for day in mean.index]))
    own = found().row("clock", "change_treated")
    assert own["estimate"] == pytest.approx(mean.iloc[at : at + 4].mean() - mean.iloc[at - 4 : at].mean())
    assert own["base_mean"] == pytest.approx(mean.iloc[at - 8 : at - 2].mean())
    assert own["percent_effect"] == pytest.approx(own["estimate"] / own["base_mean"])
    ratio, other = found().row("clock", "change_ratio"), found().row("clock", "change_comparison")
    assert ratio["estimate"] == pytest.approx(own["estimate"] / other["estimate"])


@pytest.mark.parametrize("contrast", ["labelled", "confusion", "profile"])
def test_a_corrected_clock_covers_what_was_planted(contrast: str) -> None:
    for term, place in (("change_treated", "CN"), ("change_comparison", "US")):
        row = found().row(contrast, term)
        assert row["ci_low"] <= china_alone().truth[place] <= row["ci_high"], (contrast, term)
    shares = found().beside(found().row("labelled", "change_treated"))
    assert shares.loc["clock_early:CN", "value"] == pytest.approx(0.92, abs=0.02)
    assert shares.loc["clock_condition", "value"] < 5


def test_the_clock_from_hours_is_the_clock_of_the_weeks_at_its_own_hour_and_another_elsewhere() -> None:
    for term in PARTS:
        assert found().row("cut_17", term)["estimate"] == pytest.approx(
            found().row("clock", term)["estimate"]
        )
    assert (
        found().row("cut_14", "change_treated")["estimate"]
        < found().row("clock", "change_treated")["estimate"]
    )


def test_too_few_events_for_a_mixture_are_refused_and_longer_windows_only_described() -> None:
    mixture = found().row("mixture")
    assert mixture["status"] == "refused" and "needs 20,000" in mixture["reason"]
    assert pd.isna(mixture["estimate"]) and mixture["inference"] == "none"
    longer = found().row("clock", "change_difference:h=8")
    assert longer["status"] == "descriptive" and "disjoint placebo window" in longer["reason"]
    assert np.isfinite(longer["estimate"]) and pd.isna(longer["p_value"])


@pytest.mark.slow
def test_enough_events_make_a_mixture_that_covers_the_truth() -> None:
    many = world({"CN": 600.0}, rates={"CN": 1000.0, "US": 800.0}, repos=10, users=1)
    row = made(many, spec("mixture")).row("mixture", "change_treated")
    assert row["status"] == "descriptive" and row["inference"] == "clock_mixture"
    assert row["ci_low"] <= 600 <= row["ci_high"] and row["ci_high"] - row["ci_low"] < 300
    assert row["bound_low"] <= row["estimate"] <= row["bound_high"]


@pytest.mark.slow
def test_a_third_place_is_bounded_and_a_rise_of_it_alone_is_not_laid_on_china() -> None:
    europe = made(
        world({"EU": 2.0}, rates={"CN": 3.0, "US": 3.0, "EU": 3.0}), spec("clock", "labelled", "profile")
    )
    row = europe.row("labelled", "change_treated")
    assert row["bound_low"] <= 0 <= row["bound_high"]
    assert europe.beside(row).loc["labelled_others", "value"] == pytest.approx(1 / 3, abs=0.05)
    assert europe.row("profile", "change_treated")["ci_low"] <= 0
    assert europe.row("clock", "change_treated")["estimate"] > 0.5  # what the clock takes for Chinese


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda actors: actors[actors["actor"].isin([f"CN{n}" for n in range(9)])], "9 actors of CN"),
        (lambda actors: actors.iloc[:0], "0 actors of CN whose place is stated in 2023: 30 needed"),
        (lambda actors: actors.assign(hour_of_day=9), "cannot tell the places apart"),
    ],
)
def test_labels_that_are_few_or_alike_refuse_a_correction(change, said: str) -> None:  # type: ignore[no-untyped-def]
    few = china_alone()
    few = replace(few, clocks=replace(few.clocks, actors=change(few.clocks.actors)))
    row = made(few, spec("labelled")).row("labelled")
    assert row["status"] == "refused" and said in row["reason"] and pd.isna(row["estimate"])


def test_a_frame_without_a_column_is_one_line() -> None:
    with pytest.raises(SpecError) as error:
        Clocks.of(actors=pd.DataFrame(columns=[name for name in ACTORS if name != "year"]))
    assert "hours of actors: no column year" in str(error.value) and "\n" not in str(error.value)


def test_without_events_every_row_says_why() -> None:
    none = made(replace(china_alone(), weeks=china_alone().weeks.iloc[:0]), spec("clock", "labelled"))
    assert set(none.tables.estimates["status"]) == {"not_identified"}
    assert set(none.tables.estimates["reason"]) == {"no unit has a value in any week"}
    assert set(none.identification["status"]) == {"not_identified"}


def test_the_truth_is_that_of_the_method_it_was_planted_by() -> None:
    truth = {"llm_repository_forks": {"bis-acs-rule-2023-10-17": 0.4}}
    asked, weeks = spec("clock", "profile"), china_alone()
    said = identify_units(weeks.weeks, OUTCOMES, EVENTS, [asked])
    tables = estimate_units(
        weeks.weeks, OUTCOMES, EVENTS, [asked], said, planted=truth, origin="sample", inputs_sha256="abc",
        placed_by={"llm_repository_forks": "profile"},
    )  # fmt: skip
    rows = Made(said, tables)
    own = rows.row("profile", "change_treated")
    assert own["planted"] == pytest.approx(own["base_mean"] * np.expm1(0.4 * (6 / 7 + 3) / 4))
    assert rows.row("profile", "change_comparison")["planted"] == 0.0
    assert pd.isna(rows.row("clock", "change_treated")["planted"])


def test_units_that_a_spec_leaves_out_are_left_out() -> None:
    whole = found().row("clock")["n_units"]
    named = made(china_alone(), spec("clock", without={"names": ("^cn",)})).row("clock")["n_units"]
    largest = made(china_alone(), spec("clock", without={"top": 0.1})).row("clock")["n_units"]
    assert (whole, named, largest) == (24, 12, 20)


def test_a_variant_has_no_row_of_the_identification() -> None:
    assert made(china_alone(), spec("clock", is_variant=True)).identification.empty


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**16), entries=st.booleans())
def test_changes_are_those_of_the_explicit_regression_in_any_order_of_rows(seed: int, entries: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(u, g, t) for u in range(5) for g in "ab" for t in range((u % 3) * entries, 14)],
        columns=["unit", "side", "week"],
    )
    rows["y"] = rng.poisson(4, len(rows)).astype(float)
    options = {"y": "y", "unit": "unit", "group": "side", "time": "week", "treated": "a", "comparison": "b",
               "events": [7], "half": 3, "reference": (-5, -1), "frequency": "position"}  # fmt: skip
    one = group_changes(rows, **options)  # type: ignore[arg-type]
    other = group_changes(rows.sample(frac=1, random_state=seed), **options)  # type: ignore[arg-type]
    assert other.difference == one.difference and other.std_error == pytest.approx(one.std_error, rel=1e-12)
    for label, change in (("a", one.treated), ("b", one.comparison)):
        fit = smf.ols("y ~ C(week) + C(unit)", rows[rows["side"] == label]).fit()
        effects = [fit.params.get(f"C(week)[T.{week}]", 0.0) for week in range(14)]
        assert change.change == pytest.approx(np.mean(effects[7:10]) - np.mean(effects[4:7]), abs=1e-9)
