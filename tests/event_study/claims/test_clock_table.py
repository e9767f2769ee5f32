"""The clock's own ratio as a table: quarters that are there, every scenario, other cut-offs."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from event_study.claims.clock_table import clock_table
from event_study.schemas import KEYS, to_arrow

SHOCKS = [date(2022, 10, 7), date(2023, 10, 17), date(2031, 1, 1)]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    counts = {"US": 20.0, "CN": 10.0, "IN": 10.0, "DE": 5.0, "QQ": 1.0}
    quarters = (date(2022, 10, 1), date(2023, 10, 1))
    rows = [(c, q, 1e6 * n) for q in quarters for c, n in counts.items()]
    return clock_table(pd.DataFrame(rows, columns=["country", "period", "value"]), SHOCKS, 11.9)


def test_each_shock_whose_quarter_is_known_has_every_scenario_and_cut_off(table: pd.DataFrame) -> None:
    assert set(table["day"]) == set(SHOCKS[:2])
    assert not table.duplicated(list(KEYS["clock"])).any()
    assert table.groupby("day")["cut"].unique().map(sorted).tolist() == [list(range(14, 21))] * 2
    assert (table.groupby(["day", "cut"]).size().unstack()[17] > 1).all()


def test_unlisted_economies_widen_the_ratio(table: pd.DataFrame) -> None:
    assert (table["unlisted_share"].astype(float) - 1 / 46).abs().max() < 1e-12
    assert (table["ratio_low"] < table["ratio"]).all() and (table["ratio"] < table["ratio_high"]).all()


def test_a_later_cut_off_calls_more_early_and_the_flat_day_is_seventeen_hours(table: pd.DataFrame) -> None:
    stated = table[(table["scenario"] == "illustrative") & (table["day"] == SHOCKS[0])]
    assert stated.sort_values("cut")["early_share"].astype(float).is_monotonic_increasing
    flat = table[(table["scenario"] == "flat") & (table["cut"] == 17)]
    assert flat["ratio"].astype(float).to_numpy() == pytest.approx(17 / 7)


def test_what_no_rise_can_reach_is_null_in_the_file(table: pd.DataFrame) -> None:
    written = to_arrow("clock", table).to_pandas()
    unreachable = ~written["reachable"].astype(bool)
    assert unreachable.any() and written.loc[unreachable, "two_place_ratio"].isna().all()
    assert to_arrow("clock", table)["two_place_ratio"].null_count == unreachable.sum()


def test_no_developers_no_rows() -> None:
    empty = pd.DataFrame({"country": [], "period": [], "value": []})
    assert clock_table(empty, SHOCKS, 11.9).empty
