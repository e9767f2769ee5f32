"""Stated hours: what ships is sound, bad files are refused, local hours land on the right UTC hours."""

from __future__ import annotations

from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.clock.origin import early_share
from event_study.clock.profiles import (
    HERE,
    Profile,
    hours_of,
    load_clock,
    load_countries,
    origin_hours,
    season_monday,
    utc_day,
    utc_hours,
    utc_week,
)
from event_study.errors import ProfileNotNormalised, SpecError

CLOCK, COUNTRIES = load_clock(), load_countries()
# p_o of the reference values: winter, summer
EARLY = {
    "CN": (0.9249, 0.9249),
    "JP": (0.9111, 0.9111),
    "KR": (0.9111, 0.9111),
    "IN": (0.8683, 0.8683),
    "RU": (0.7630, 0.7630),
    "EU": (0.6910, 0.7280),
    "UK": (0.6508, 0.6910),
    "BR": (0.5725, 0.5725),
    "US-East": (0.5556, 0.5619),
    "US-Central": (0.5386, 0.5556),
    "US-West": (0.5471, 0.5323),
    "US": (0.5494, 0.5509),
}


def changed(tmp_path: Path, edit: dict[str, object]) -> Path:
    """The shipped profiles with fields of ``illustrative`` replaced."""
    stated = yaml.safe_load((HERE / "profiles.yml").read_text())
    stated["profiles"]["illustrative"] |= edit
    file = tmp_path / "profiles.yml"
    file.write_text(yaml.safe_dump(stated, sort_keys=False))
    return file


@pytest.mark.parametrize("place", EARLY)
def test_early_shares_of_the_reference(place: str) -> None:
    for season, said in zip(("winter", "summer"), EARLY[place], strict=True):
        hours = origin_hours(CLOCK, [place], season_monday(season, 2023))[place]
        assert early_share(hours) == pytest.approx(said, abs=5e-5)


def test_every_profile_is_a_scenario_and_adds_up() -> None:
    assert set(CLOCK.profiles) < set(CLOCK.scenarios)
    for profile in CLOCK.profiles.values():
        assert profile.week.shape == (7, 24)
        assert profile.week.sum() == pytest.approx(1, abs=1e-12)
        assert profile.assumption and profile.source
    later = CLOCK.profiles["one_hour_later"].week
    assert later[:, 1:] == pytest.approx(CLOCK.profiles["illustrative"].week[:, :-1])
    half = (CLOCK.profiles["illustrative"].week + CLOCK.profiles["flat"].week) / 2
    assert CLOCK.profiles["half_flat"].week == pytest.approx(half)
    assert "09:00" in CLOCK.assumption("china_office")


def test_zones_lie_in_their_country() -> None:
    """Every zone of an economy stands under its code in the time-zone database's own table, and an
    economy with one zone there has that one."""
    own: dict[str, set[str]] = {}
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            own.setdefault(code, set()).add(zone)
    for country, zones in COUNTRIES.countries.items():
        assert set(zones) <= own[country], country
        assert len(own[country]) > 1 or list(zones) == list(own[country])


def test_weights_that_miss_their_sum(tmp_path: Path) -> None:
    with pytest.raises(ProfileNotNormalised, match=r"illustrative add up to 94\.5, not to 95"):
        load_clock(changed(tmp_path, {"sum": 95}))
    with pytest.raises(ProfileNotNormalised, match="add up to 0"):
        load_clock(changed(tmp_path, {"weights": [0] * 24, "sum": 0}))


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"weights": [1] * 23, "sum": 23}, "profiles.illustrative.weights"),
        ({"weights": [-1] + [1] * 23, "sum": 22}, "greater than or equal to 0"),
        ({"sum": None}, "without their sum"),
        ({"of": "flat"}, "one of the two"),
        ({"weights": None, "of": "nobody"}, "stated before it"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_profiles_that_cannot_be_meant(tmp_path: Path, edit: dict[str, object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        load_clock(changed(tmp_path, edit))


@pytest.mark.parametrize(
    ("zones", "error"),
    [
        ({"Asia/Shanghai": 0.9}, ProfileNotNormalised),
        ({"Asia/Nowhere": 1}, SpecError),
    ],
)
def test_zones_that_cannot_be_meant(tmp_path: Path, zones: dict[str, float], error: type[Exception]) -> None:
    file = tmp_path / "countries.yml"
    file.write_text(yaml.safe_dump({"source": "x", "groups": [], "countries": {"CN": zones}}))
    with pytest.raises(error, match="CN"):
        load_countries(file)


def spike(hour: int, day: int | None = None) -> Profile:
    """All activity in one local hour, of every day or of one."""
    week = np.zeros((7, 24))
    week[slice(None) if day is None else day, hour] = 1
    return Profile("spike", "test", "test", week / week.sum())


def test_half_hours_are_split() -> None:
    hours = utc_hours(spike(9), {"Asia/Kolkata": 1}, date(2023, 1, 16))
    assert hours[[3, 4]] == pytest.approx([0.5, 0.5])
    quarters = utc_hours(spike(9), {"Asia/Kathmandu": 1}, date(2023, 1, 16))  # UTC+5:45
    assert quarters[[3, 4]] == pytest.approx([0.75, 0.25])


def test_the_clock_change_itself() -> None:
    """New York's 09:00 is 13:00 UTC until 5 November 2022 and 14:00 after; the night of the change
    holds the hour 01:00 twice, that of spring no 02:00."""
    zone = {"America/New_York": 1.0}
    assert utc_hours(spike(9), zone, date(2022, 11, 5)).argmax() == 13
    assert utc_hours(spike(9), zone, date(2022, 11, 7)).argmax() == 14
    assert utc_day(spike(1), zone, date(2022, 11, 6)).sum() == pytest.approx(2 / 7)
    assert utc_day(spike(2), zone, date(2022, 3, 13)).sum() == pytest.approx(0)


def test_weekday_is_the_local_one() -> None:
    """Monday 07:00 in Shanghai is Sunday 23:00 UTC; the week's rows are UTC days."""
    week = utc_week(spike(7, day=0), {"Asia/Shanghai": 1}, date(2023, 1, 16))
    assert week[6, 23] == pytest.approx(1)
    office = origin_hours(CLOCK, ["CN"], date(2023, 1, 16), scenario="office", days="weekend")["CN"]
    assert early_share(office) != pytest.approx(
        early_share(origin_hours(CLOCK, ["CN"], date(2023, 1, 16), scenario="office", days="weekday")["CN"])
    )


@settings(deadline=None)
@given(
    st.sampled_from(sorted(CLOCK.profiles)),
    st.sampled_from(sorted(COUNTRIES.countries)),
    st.dates(date(2018, 1, 1), date(2026, 12, 31)),
)
def test_utc_shares_add_up(profile: str, country: str, day: date) -> None:
    week = utc_week(CLOCK.profiles[profile], COUNTRIES.countries[country], day - timedelta(day.weekday()))
    assert (week >= 0).all() and week.sum() == pytest.approx(1)
    parts = [hours_of(week, days).sum() for days in ("all", "weekday", "weekend")]
    assert parts == pytest.approx([1, 1, 1])


@given(st.integers(2018, 2027))
def test_season_weeks(year: int) -> None:
    for season, month in (("winter", 1), ("summer", 7)):
        monday = season_monday(season, year)
        assert monday.weekday() == 0 and monday <= date(year, month, 15) < monday + timedelta(7)
