"""Weekly lag columns of overlapping events: 17 of full rank, where all bins of all would be 18 of 20."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from event_study.periods import Bin
from event_study.units.lags import WEEKLY, lag_table, separable_bins
from tests.event_study.units.panels import EVENTS, WEEKS, lags


def rank(columns: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(columns - columns.mean(axis=0)))


def test_the_first_event_keeps_the_bins_before_the_second() -> None:
    kept = separable_bins(EVENTS)
    assert kept["d1"] == (Bin(0, 3), Bin(4, 7))
    assert [kept[e] for e in ("d2", "d3", "d4")] == [WEEKLY] * 3
    apart = {"a": date(2022, 8, 9), "b": date(2022, 8, 9) + timedelta(weeks=9)}
    assert separable_bins(apart) == {"a": WEEKLY, "b": WEEKLY}


def test_seventeen_columns_of_full_rank() -> None:
    table, names = lags()
    own = table[table["origin"] == "CN"][names].to_numpy()
    assert (len(names), rank(own)) == (17, 17)
    assert not table[table["origin"] == "US"][names].to_numpy().any()
    every = lag_table(
        WEEKS,
        ["CN"],
        treated="CN",
        events=EVENTS,
        group="origin",
        time="week",
        bins=dict.fromkeys(EVENTS, WEEKLY),
    )
    assert (every.shape[1] - 2, rank(every.drop(columns=["origin", "week"]).to_numpy())) == (20, 18)


def test_a_bin_is_its_weeks() -> None:
    table, _ = lags()
    own = table[table["origin"] == "CN"].set_index("week")["d3:k=+4"]
    monday = date(2023, 10, 16)
    assert own[own == 1].index.tolist() == [monday + timedelta(weeks=w) for w in range(4, 8)]
