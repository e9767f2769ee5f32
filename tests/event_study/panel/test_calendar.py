"""Holidays and clock changes against the dates of the events, and as panel columns."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import Note, SpecError
from event_study.panel.calendar import (
    HOLIDAY_WEEKS,
    clock_changes,
    donut,
    holiday_in_reference,
    holiday_week,
    is_holiday,
    is_in_week,
    is_make_up,
    is_off,
    regressors,
)
from event_study.periods import last_days, ordinals

MONTHS = [date(2018 + n // 12, 1 + n % 12, 1) for n in range(108)]
QUARTERS = MONTHS[::3]
WEEKS = [date(2018, 1, 1) + timedelta(7 * n) for n in range(460)]
PANELS = {"week": WEEKS, "month": MONTHS, "quarter": QUARTERS}


@pytest.mark.parametrize(
    ("name", "year", "first", "last"),
    [
        ("golden_week", 2022, date(2022, 10, 1), date(2022, 10, 7)),  # ends on the second event
        ("golden_week", 2023, date(2023, 9, 29), date(2023, 10, 6)),
        ("golden_week", 2025, date(2025, 10, 1), date(2025, 10, 8)),
        ("lunar_new_year", 2022, date(2022, 1, 31), date(2022, 2, 6)),
        ("lunar_new_year", 2023, date(2023, 1, 21), date(2023, 1, 27)),
        ("lunar_new_year", 2025, date(2025, 1, 28), date(2025, 2, 4)),
        ("thanksgiving", 2024, date(2024, 11, 28), date(2024, 12, 1)),  # the day before the fourth event
        ("christmas", 2024, date(2024, 12, 24), date(2025, 1, 1)),
    ],
)
def test_holiday_weeks(name: str, year: int, first: date, last: date) -> None:
    assert holiday_week(name, year) == (first, last)


@given(st.sampled_from(HOLIDAY_WEEKS), st.integers(2010, 2030))
def test_a_holiday_week_is_a_run_between_working_days(name: str, year: int) -> None:
    first, last = holiday_week(name, year)
    country = "CN" if name in ("golden_week", "lunar_new_year") else "US"
    assert 3 <= (last - first).days <= 12
    assert not is_off(country, first - timedelta(1)) and not is_off(country, last + timedelta(1))
    assert is_in_week(name, first) and is_in_week(name, last)
    assert not is_in_week(name, first - timedelta(1)) and is_in_week(name, first - timedelta(3), within=3)


def test_an_unknown_holiday_week() -> None:
    with pytest.raises(SpecError, match="easter"):
        holiday_week("easter", 2024)


def test_days_off_and_made_up() -> None:
    assert is_holiday("CN", date(2022, 10, 7)) and is_holiday("US", date(2021, 12, 31))
    assert is_make_up("CN", date(2022, 10, 8)) and not is_off("CN", date(2022, 10, 8))  # a Saturday
    assert is_off("CN", date(2022, 10, 15)) and not is_off("US", date(2024, 11, 29))


def test_clock_changes_of_the_events() -> None:
    span = (date(2022, 8, 1), date(2024, 12, 31))
    autumn = [day for day in clock_changes("Europe/Brussels", *span) if day.month > 6]
    assert autumn == [date(2022, 10, 30), date(2023, 10, 29), date(2024, 10, 27)]
    autumn = [day for day in clock_changes("America/New_York", *span) if day.month > 6]
    assert autumn == [date(2022, 11, 6), date(2023, 11, 5), date(2024, 11, 3)]
    assert clock_changes("Asia/Shanghai", *span) == []


@pytest.mark.parametrize("frequency", PANELS)
def test_regressors_are_shares_of_days(frequency: str) -> None:
    """Every column times the days of its periods adds up to the days that it counts."""
    days = PANELS[frequency]
    shares = regressors(days, frequency)
    assert list(shares.index) == ordinals(days, frequency).tolist()
    assert ((shares >= 0) & (shares <= 1)).all().all()
    ends = last_days(days, frequency)
    length = (ends - np.asarray(days, dtype="datetime64[D]")).astype(int) + 1
    every = pd.date_range(days[0], ends[-1]).date
    counted = {
        "cn_holiday": sum(is_holiday("CN", day) for day in every),
        "us_holiday": sum(is_holiday("US", day) for day in every),
        "golden_week": sum(is_in_week("golden_week", day) for day in every),
    }
    for column, total in counted.items():
        assert (shares[column] * length).sum() == pytest.approx(total)


def test_regressors_by_hand() -> None:
    month = regressors([date(2022, 10, 1), date(2022, 11, 1)], "month")
    assert month["golden_week"].tolist() == pytest.approx([7 / 31, 0])
    assert month["cn_make_up"].tolist() == pytest.approx([2 / 31, 0])
    assert month["eu_dst"].tolist() == pytest.approx([29 / 31, 0])  # until Saturday the 29th
    assert month["us_dst"].tolist() == pytest.approx([1, 5 / 30])
    assert month["us_holiday"].tolist() == pytest.approx([1 / 31, 2 / 30])
    week = regressors([date(2023, 9, 25), date(2023, 10, 2)], "week")
    assert week["golden_week"].tolist() == pytest.approx([3 / 7, 5 / 7])


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(24)))
def test_regressors_follow_the_panel_s_rows(order: list[int]) -> None:
    days = MONTHS[:24]
    shuffled = regressors([days[n] for n in order], "month")
    pd.testing.assert_frame_equal(shuffled.sort_index(), regressors(days, "month"))


def test_donut() -> None:
    weeks = [date(2022, 9, 5) + timedelta(7 * n) for n in range(8)]  # 5 September to 30 October
    assert [weeks[n] for n in np.flatnonzero(donut(weeks, "week", 0))] == [
        date(2022, 9, 26),
        date(2022, 10, 3),
    ]
    assert donut(weeks, "week", 3).sum() == 3  # 8 to 10 October: the week of the 10th too
    assert donut(weeks, "week", 0, ["thanksgiving"]).sum() == 0
    assert donut(QUARTERS, "quarter", 0).tolist() == [
        day.month in (1, 10) or day == date(2023, 7, 1) for day in QUARTERS
    ]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 20), st.integers(0, 20))
def test_a_wider_donut_drops_no_less(narrow: int, more: int) -> None:
    tight, wide = donut(WEEKS[:110], "week", narrow), donut(WEEKS[:110], "week", narrow + more)
    assert (wide | ~tight).all() and not wide.all()


def test_holiday_in_the_reference_window() -> None:
    event = int(ordinals([date(2022, 10, 7)], "week")[0])
    window = (event - 4, event - 1)
    assert holiday_in_reference(WEEKS, "week", window) is Note.HOLIDAY_IN_REFERENCE
    assert holiday_in_reference(WEEKS, "week", (event - 8, event - 3)) is None
    kept = [day for day, drop in zip(WEEKS, donut(WEEKS, "week", 0), strict=True) if not drop]
    assert holiday_in_reference(kept, "week", window) is None  # the donut has taken it out
    assert holiday_in_reference(WEEKS, "week", window, ["christmas"]) is None
