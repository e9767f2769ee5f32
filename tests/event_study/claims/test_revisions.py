"""Every vintage re-estimated: planted revisions are counted and split exactly, the newest is the estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.claims.revisions import revise
from event_study.errors import SpecError
from event_study.schemas import KEYS, SCHEMAS

FIRST, SECOND, THIRD = date(2025, 1, 20), date(2025, 4, 20), date(2025, 11, 4)
PARTS = ["change_revised_cells", "change_added_periods", "change_added_events"]
ID = "primary/{outcome}/tightening/{contrast}/mean_step/{trend}/{inference}"
COPIED = ["estimate", "ci_low", "ci_high", "p_value", "donors", "n_periods", "window_end", "inference",
          "status", "reason", "warnings"]  # fmt: skip


def stacked(versions: Mapping[date, pd.DataFrame], frequency: str) -> pd.DataFrame:
    return pd.concat([rows.assign(vintage=day, frequency=frequency) for day, rows in versions.items()])


def until(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    return rows[rows["period"] < day]


def changed(rows: pd.DataFrame, cells: Mapping[tuple[str, date], float]) -> pd.DataFrame:
    """The values of cells times these factors."""
    key = pd.Series(list(zip(rows["country"], rows["period"], strict=True)), index=rows.index)
    return rows.assign(value=rows["value"] * key.map(cells).fillna(1.0))


def revised(study: Any, versions: Mapping[date, pd.DataFrame], **options: Any) -> pd.DataFrame:
    """Revisions of the study's headline; ``versions`` of its one outcome."""
    frequency = study.dim_outcome["frequency"].iloc[0]
    dims = (study.dim_outcome, study.dim_event, study.dim_country)
    specs = [s for name in ("primary", "all_outcomes") for s in study.specs if s.id == name]
    return revise(stacked(versions, frequency), *dims, specs, **options)


def of(made: pd.DataFrame, contrast: str = "CN_donors", trend: str = "none") -> pd.DataFrame:
    return made[(made["contrast"] == contrast) & (made["trend"] == trend)].set_index("vintage")


@pytest.fixture
def pushes(study: Any) -> pd.DataFrame:
    """The quarterly outcome to Q3 2025, complete."""
    return pd.DataFrame(study.panel["quarter"].drop(columns=["n_units", "coverage", "regime", "source"]))


@pytest.fixture
def three(pushes: pd.DataFrame) -> dict[date, pd.DataFrame]:
    """To Q4 2024; the same with two cells revised; those and three periods more."""
    old = until(pushes, date(2025, 1, 1))
    cells = {("CN", date(2023, 4, 1)): 1.2, ("D03", date(2024, 10, 1)): 0.9}
    return {FIRST: old, SECOND: changed(old, cells), THIRD: changed(pushes, cells)}


def test_a_planted_revision_and_planted_periods_are_counted_and_parted(
    study: Any, three: dict[date, pd.DataFrame]
) -> None:
    made = revised(study, three)
    assert len(made) == 3 * 3 * 2 and not made.duplicated(list(KEYS["revisions"])).any()
    for contrast, cells in (("CN_donors", 2), ("US_donors", 1), ("CN_US", 1)):
        for trend in ("none", "unit_linear"):
            rows = of(made, contrast, trend)
            # the first has nothing before it
            assert rows.loc[FIRST, ["change", *PARTS, "periods_added", "cells_revised"]].isna().all()
            second, third = rows.loc[SECOND], rows.loc[THIRD]
            assert (second["periods_added"], second["cells_revised"]) == (0, cells)
            assert second["change"] == second["change_revised_cells"] != 0
            assert second["change_added_periods"] == second["change_added_events"] == 0
            assert (third["periods_added"], third["cells_revised"]) == (3, 0)
            assert third["change_revised_cells"] == 0 and third["change_added_periods"] != 0
            # the new quarters let in the third rule
            assert list(rows["events_seen"]) == [2, 2, 3] and third["change_added_events"] != 0
            assert list(rows["estimate"].diff()[1:]) == pytest.approx(list(rows["change"][1:]), abs=1e-12)
            assert sum(third[PARTS]) == pytest.approx(third["change"], abs=1e-12)


def test_each_vintage_is_what_estimate_makes_of_it_alone(study: Any, three: dict[date, pd.DataFrame]) -> None:
    made = revised(study, three)
    study.only("primary")
    for vintage, rows in three.items():
        study.panel = {"quarter": rows}
        expected = study.estimate().estimates.set_index(["contrast", "trend"])
        for key, row in expected.iterrows():
            found = of(made, *key).loc[vintage]
            for column in COPIED:
                assert found[column] == row[column] or (pd.isna(found[column]) and pd.isna(row[column])), (
                    column
                )
    assert sorted(made["estimate_id"].unique()) == sorted(expected["estimate_id"])


def test_an_estimate_keeps_its_name_when_an_older_vintage_allowed_less(
    study: Any, pushes: pd.DataFrame
) -> None:
    few = pushes[pushes["country"].isin(["CN", "US", *(f"D{i:02d}" for i in range(10))])]
    early = until(pushes, date(2023, 1, 1))
    made = revised(study, {FIRST: early, SECOND: few, THIRD: pushes})
    rows = of(made)
    name = ID.format(outcome="pushes", contrast="CN_donors", trend="none", inference="ri_studentised")
    assert set(rows["estimate_id"]) == {name}
    assert list(rows["inference"]) == ["none", "none", "ri_studentised"]
    assert list(rows["status"]) == ["not_identified", "descriptive", "ok"]
    # without a number there is no change from or to it, but what came is counted
    assert "no complete quarter after" in rows.loc[FIRST, "reason"]
    assert rows.loc[SECOND, ["change", *PARTS]].isna().all()
    assert rows.loc[SECOND, "periods_added"] == 11
    assert rows.loc[SECOND, "cells_revised"] == 14 * 12  # fourteen donors vanished
    assert rows.loc[THIRD, "cells_revised"] == 14 * 23 and rows.loc[THIRD, "change_revised_cells"] != 0


def test_a_cell_or_period_that_vanishes_is_a_revision(study: Any, pushes: pd.DataFrame) -> None:
    gone = (pushes["country"] == "D05") & (pushes["period"] == date(2021, 7, 1))
    period = pushes["period"] == date(2020, 4, 1)
    rows = of(revised(study, {FIRST: pushes, SECOND: pushes[~gone], THIRD: pushes[~gone & ~period]}))
    assert list(rows["cells_revised"][1:]) == [1, 25]  # then China and 24 donors lose a period
    assert list(rows["periods_added"][1:]) == [0, 0]
    assert rows.loc[SECOND, "donors"] == 24 and rows.loc[THIRD, "n_periods"] == 22  # one cell bridged
    assert list(rows["change"][1:]) == pytest.approx(list(rows["change_revised_cells"][1:]), abs=1e-12)


def test_what_the_source_still_fills_up_is_shown_and_not_read(study: Any, pushes: pd.DataFrame) -> None:
    last = {("CN", day): 0.3 for day in (date(2024, 7, 1), date(2024, 10, 1))}
    old = changed(until(pushes, date(2025, 1, 1)), last)
    marked = old.assign(is_complete=old["period"] < date(2024, 7, 1))
    rows = of(revised(study, {FIRST: marked, THIRD: pushes}))
    assert rows.loc[FIRST, "unsettled_periods"] == 2 and rows.loc[FIRST, "window_end"] == date(2024, 4, 1)
    truncation = rows.loc[FIRST, "estimate_all_periods"] - rows.loc[FIRST, "estimate"]
    assert truncation < -0.1
    # what was not read was not revised: the periods that it fell in are added
    assert (rows.loc[THIRD, "periods_added"], rows.loc[THIRD, "cells_revised"]) == (5, 0)
    assert rows.loc[THIRD, "change_revised_cells"] == 0
    # where no column says so every value counts, and the truncation is what the next vintage revises
    unmarked = {FIRST: old.drop(columns="is_complete"), THIRD: pushes.drop(columns="is_complete")}
    naive = of(revised(study, unmarked))
    assert naive.loc[FIRST, "estimate"] == rows.loc[FIRST, "estimate_all_periods"]
    assert naive.loc[FIRST, "unsettled_periods"] == 0
    assert (naive.loc[THIRD, "periods_added"], naive.loc[THIRD, "cells_revised"]) == (3, 2)
    assert naive.loc[THIRD, "change_revised_cells"] > 0.1


def test_absent_is_zero_only_where_the_outcome_says_so(both: Any) -> None:
    both.dim_outcome = both.dim_outcome.query("outcome == 'models'").assign(zero_rule="true_zero")
    dense = both.panel["month"][["country", "period", "outcome", "value", "is_complete"]]
    old = until(dense, date(2025, 7, 1))
    sparse = {day: rows[rows["value"] > 0] for day, rows in ((FIRST, old), (THIRD, dense))}
    assert len(sparse[THIRD]) < len(dense)
    made = revised(both, sparse)
    pd.testing.assert_frame_equal(made, revised(both, {FIRST: old, THIRD: dense}))
    assert of(made)["donors"].eq(24).all() and of(made).loc[THIRD, "periods_added"] == 6
    both.dim_outcome = both.dim_outcome.assign(zero_rule="truncated")
    unknown = of(revised(both, sparse))
    assert (unknown["donors"].isna() | unknown["donors"].lt(24)).all()


def test_outcomes_are_asked_by_the_first_spec_that_names_them(
    study: Any, three: dict[date, pd.DataFrame]
) -> None:
    study.dim_outcome = study.dim_outcome.assign(is_primary=False)
    made = revised(study, three)
    assert set(made["estimate_id"].str.split("/").str[0]) == {"all_outcomes"}
    study.only("primary")
    assert revised(study, three).empty  # no spec asks for it
    study.dim_outcome = study.dim_outcome.assign(is_primary=True)
    assert revised(study, {FIRST: three[FIRST]}).empty  # one version has no revision
    strange = {day: rows.assign(outcome="unknown") for day, rows in three.items()}
    assert revised(study, strange).empty
    assert list(revised(study, strange).columns) == SCHEMAS["revisions"].names


def test_a_spec_that_is_not_ranked_among_countries_is_refused(
    study: Any, three: dict[date, pd.DataFrame]
) -> None:
    dims = (study.dim_outcome, study.dim_event, study.dim_country)
    for name in ("conventional", "conformal", "events"):
        specs = [s for s in study.specs if s.id == name]
        with pytest.raises(SpecError, match=f"^{name}.yml: revisions: need the term mean_step"):
            revise(stacked(three, "quarter"), *dims, specs)


@pytest.mark.parametrize("zero_rule", ["suppressed", "true_zero"])
def test_a_vintage_that_cannot_be_read_is_a_row_with_the_reason(
    study: Any, three: dict[date, pd.DataFrame], zero_rule: str
) -> None:
    study.dim_outcome = study.dim_outcome.assign(zero_rule=zero_rule)
    twice = pd.concat([three[SECOND], three[SECOND].head(1)])
    rows = of(revised(study, three | {SECOND: twice}))
    assert (
        rows.loc[SECOND, "status"] == "not_identified" and "two rows for China" in rows.loc[SECOND, "reason"]
    )
    assert rows.loc[[SECOND, THIRD], ["change", *PARTS]].isna().all(axis=None)
    assert rows.loc[THIRD, "status"] == "ok"


def test_rows_in_any_order_and_days_of_any_type_give_the_same_table(
    study: Any, three: dict[date, pd.DataFrame]
) -> None:
    made = revised(study, three)
    dims = (study.dim_outcome, study.dim_event, study.dim_country)
    specs = study.only("primary").specs
    mixed = stacked(three, "quarter").sample(frac=1, random_state=3)
    mixed = mixed.assign(vintage=pd.to_datetime(mixed["vintage"]), period=pd.to_datetime(mixed["period"]))
    pd.testing.assert_frame_equal(made, revise(mixed, *dims, specs))
    for field in SCHEMAS["revisions"]:
        pa.array([None if pd.isna(v) else v for v in made[field.name]], field.type)


def test_until_cuts_every_vintage(study: Any, three: dict[date, pd.DataFrame]) -> None:
    rows = of(revised(study, three, until=date(2025, 3, 1)))
    assert rows.loc[THIRD, "periods_added"] == 1 and rows.loc[THIRD, "window_end"] == date(2025, 1, 1)


CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["CN", "US", "D00", "D23"]), st.integers(0, 18)), st.floats(0.5, 2), max_size=6
)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 4), CELLS)
def test_the_parts_add_up_and_the_counts_are_exact(
    make_study: Any, added: int, cells: Mapping[tuple[str, int], float]
) -> None:
    study = make_study().quarterly()
    full = study.panel["quarter"]
    quarters: Sequence[date] = sorted(full["period"].unique())
    factors = {(unit, quarters[i]): factor for (unit, i), factor in cells.items()}
    new = changed(full, factors)
    made = revised(study, {FIRST: full[full["period"] < quarters[19]],
                           SECOND: new[new["period"] <= quarters[18 + added]]})  # fmt: skip
    key = list(zip(full["country"], full["period"], strict=True))
    really = {k for k, a, b in zip(key, full["value"], new["value"], strict=True) if a != b}
    for contrast, without in (("CN_donors", "US"), ("US_donors", "CN")):
        row = of(made, contrast, "unit_linear").loc[SECOND]
        assert row["periods_added"] == added
        assert row["cells_revised"] == sum(unit != without for unit, _ in really)
        assert np.isclose(sum(row[PARTS]), row["change"], rtol=0, atol=1e-12)
