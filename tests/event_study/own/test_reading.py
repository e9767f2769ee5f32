"""How a panel was read is said aloud wherever it could have been read otherwise."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_study.errors import PanelError
from event_study.own.reading import Reading, read_panel
from tests.event_study.firms import firms, months, spec

ZONES = ("Europe/Paris", "America/New_York", "Asia/Shanghai", "Asia/Kolkata", "Pacific/Auckland")
FIRST = date(2019, 9, 2)  # a Monday
MONDAYS = [FIRST + timedelta(7 * k) for k in range(60)]


def weekly(times: list[str] | list[date]) -> pd.DataFrame:
    return pd.DataFrame({"firm": "A", "month": times, "sales": [*range(1, len(times) + 1)]})


def read(rows: pd.DataFrame, **columns: object) -> tuple[list[date], Reading]:
    made, reading = read_panel(rows, spec(dict(columns)).panel)
    return sorted(set(made["period"])), reading


def in_utc(zone: str, days: list[date]) -> list[str]:
    """Local midnights of these days, written in UTC."""
    local = [pd.Timestamp(day).tz_localize(ZoneInfo(zone)) for day in days]
    return [moment.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ") for moment in local]


@given(zone=st.sampled_from(ZONES), start=st.integers(0, 400))
def test_weeks_of_another_time_zone_are_its_mondays_or_named(zone: str, start: int) -> None:
    mondays = [day + timedelta(7 * start) for day in MONDAYS]
    rows = weekly(in_utc(zone, mondays))
    periods, reading = read(rows, frequency="week", time_zone=zone)
    assert periods == mondays and reading.asides == ()
    _, reading = read(rows, frequency="week")
    (aside,) = reading.asides
    assert "midnights of another time zone" in aside and "panel.time_zone" in aside


def test_midnights_of_their_own_clock_need_no_word() -> None:
    paris = [pd.Timestamp(day).tz_localize("Europe/Paris").isoformat() for day in MONDAYS]
    for times in (paris, MONDAYS, [f"{day:%G-W%V}" for day in MONDAYS]):
        periods, reading = read(weekly(times), frequency="week")
        assert periods == MONDAYS and reading.asides == ()
        assert (reading.first, reading.last) == (
            "the week of 2 September 2019",
            "the week of 19 October 2020",
        )


def test_a_time_zone_needs_instants() -> None:
    with pytest.raises(PanelError, match=r"is '2019-09-02' in row 1, expected an instant with its offset"):
        read(weekly([str(day) for day in MONDAYS]), frequency="week", time_zone="Europe/Paris")


@pytest.mark.parametrize("weekday", range(1, 7))
def test_weeks_that_begin_on_another_day_are_named(weekday: int) -> None:
    days = [day + timedelta(weekday) for day in MONDAYS]
    periods, reading = read(weekly(days), frequency="week")
    assert periods == MONDAYS
    (aside,) = reading.asides
    assert f"every day is a {days[0]:%A}, and weeks begin on Monday" in aside
    assert f"{days[0]} was read as the week of 2 September 2019" in aside


@pytest.mark.parametrize("pattern", ["%Y-W%W", "%Y-W%U"])
def test_weeks_counted_otherwise_than_iso_are_refused_where_they_show(pattern: str) -> None:
    days = [date(2021, 12, 6) + timedelta(7 * k) for k in range(8)]
    written = [f"{day:{pattern}}" for day in days] + ["2022-W00"]
    with pytest.raises(PanelError, match=r"'2022-W00' in row 9, expected .*%G-W%V writes them"):
        read(weekly(written), frequency="week")


def test_first_and_last_period_and_the_holes_between_are_named() -> None:
    rows = firms()
    rows = rows[~rows["month"].isin([date(2020, 5, 1), date(2020, 6, 1)])]
    rows.loc[rows["month"] == date(2021, 1, 1), "sales"] = float("nan")  # nobody has a value is a hole too
    _, reading = read(rows)
    assert (reading.first, reading.last) == ("January 2019", "December 2023")
    assert reading.holes == ("May 2020", "June 2020", "January 2021")
    assert read(firms())[1].holes == ()


def test_a_panel_without_a_value_has_no_period() -> None:
    _, reading = read(firms(periods=months(12)).assign(sales=float("nan")))
    assert (reading.first, reading.last, reading.holes) == ("none", "none", ())


@pytest.mark.parametrize("column", ["firm", "month", "sales"])
def test_a_column_that_is_there_twice_is_refused_by_name(column: str) -> None:
    rows = pd.concat([firms(), firms()[[column]]], axis=1)
    with pytest.raises(PanelError, match=f"{column}: 2 columns have this name, expected one"):
        read(rows)
    twice = firms().assign(other=1).rename(columns={"other": "note"})
    twice.insert(0, "note", 2, allow_duplicates=True)
    assert read(twice)[1].units == 25  # what is not asked for may be there twice


def test_the_unit_that_stands_for_none_is_named() -> None:
    _, reading = read(firms().replace({"firm": {"D00": "ZZ"}}))
    (aside,) = reading.asides
    assert aside.startswith("ZZ stands for what has no certain unit")
