"""Activity by local hour, as stated assumptions, turned into activity by UTC hour of a date.

A profile is a local week (7, 24), Monday first, whose shares add up to 1. An instant of UTC takes the
activity of the local hour that a place's clocks show then, so daylight saving time and half-hour
offsets come from the time-zone database. Not here: the origin rule (``origin``), measured hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, ValidationError

from event_study.errors import ProfileNotNormalised, SpecError
from event_study.yaml_files import YamlError, read_yaml

HERE = Path(__file__).parent
QUARTERS = 4  # an hour in quarters: every offset in use is a multiple of 15 minutes
TOLERANCE = 1e-9

Season = Literal["winter", "summer"]
Days = Literal["all", "weekday", "weekend"]
Zones = Mapping[str, float]  # IANA name -> share of the place's events
T = TypeVar("T", bound=BaseModel)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StatedProfile(Strict):
    """A profile as the file states it: own ``weights`` with their ``sum``, or made ``of`` another."""

    title: str
    source: str
    assumption: str
    weights: tuple[NonNegativeFloat, ...] | None = Field(None, min_length=24, max_length=24)
    sum: float | None = None
    of: str | None = None
    later: int = 0
    flatten: float = Field(0.0, ge=0, le=1)
    weekdays: tuple[NonNegativeFloat, ...] = Field((1.0,) * 7, min_length=7, max_length=7)


class Scenario(Strict):
    """Which profile every place has: its ``own``, or the ``default``."""

    default: str
    own: dict[str, str] = {}

    def profile(self, place: str) -> str:
        return self.own.get(place, self.default)


class Origin(Strict):
    """A place whose clock a study names."""

    zones: dict[str, NonNegativeFloat]
    source: str
    assumption: str = ""


class ProfilesFile(Strict):
    profiles: dict[str, StatedProfile]
    scenarios: dict[str, Scenario]
    origins: dict[str, Origin]


class CountriesFile(Strict):
    source: str
    groups: tuple[str, ...]
    countries: dict[str, dict[str, NonNegativeFloat]]


@dataclass(frozen=True)
class Profile:
    """``week`` (7, 24): share of the week's activity by local day (Monday first) and hour; sums to 1."""

    title: str
    source: str
    assumption: str
    week: np.ndarray


@dataclass(frozen=True)
class Clock:
    """Everything stated about hours. ``scenarios`` holds each profile for all places, and mixed ones."""

    profiles: Mapping[str, Profile]
    scenarios: Mapping[str, Scenario]
    origins: Mapping[str, Origin]

    def assumption(self, scenario: str) -> str:
        """What a scenario takes for granted, in one line."""
        stated = self.scenarios[scenario]
        own = [f"{place}: {self.profiles[name].assumption}" for place, name in stated.own.items()]
        return "; ".join([self.profiles[stated.default].assumption, *own])


def load_clock(file: Path = HERE / "profiles.yml") -> Clock:
    """Profiles, scenarios and places of a file.

    Raises ``ProfileNotNormalised`` for weights that miss their stated sum or zones' shares that miss 1,
    ``SpecError`` for what cannot be read, an unknown profile or an unknown time zone.
    """
    stated = stated_in(file, ProfilesFile)
    profiles: dict[str, Profile] = {}
    for name, one in stated.profiles.items():  # in the file's order: a profile is made of an earlier one
        profiles[name] = _made(file, name, one, profiles)
    for name, scenario in stated.scenarios.items():
        for used in (scenario.default, *scenario.own.values()):
            if used not in profiles:
                raise SpecError(f"{file.name}: scenarios.{name}: {used}, expected a profile of the file")
    for name, origin in stated.origins.items():
        _checked_zones(file, name, origin.zones)
    alike = {name: Scenario(default=name) for name in profiles}
    return Clock(profiles, {**alike, **stated.scenarios}, stated.origins)


def load_countries(file: Path = HERE / "countries.yml") -> CountriesFile:
    """Zones of economies by ISO 3166-1 alpha-2 code. Raises as ``load_clock``."""
    stated = stated_in(file, CountriesFile)
    for country, zones in stated.countries.items():
        _checked_zones(file, country, zones)
    return stated


def stated_in(file: Path, model: type[T]) -> T:
    """What a YAML file states, as ``model``. Raises ``SpecError`` with file and field."""
    try:
        return model.model_validate(read_yaml(file.read_bytes()))
    except YamlError as error:
        raise SpecError(f"{file.name}: YAML: {error}; correct it") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SpecError(f"{file.name}: {where}: {first['msg']}") from error


def _made(file: Path, name: str, stated: StatedProfile, known: Mapping[str, Profile]) -> Profile:
    field = f"{file.name}: profiles.{name}"
    if (stated.weights is None) == (stated.of is None):
        raise SpecError(f"{field}: expected weights or of, one of the two")
    if stated.weights is not None:
        hours = np.asarray(stated.weights, dtype=float)
        if stated.sum is None:
            raise SpecError(f"{field}: weights without their sum; state it")
        if abs(hours.sum() - stated.sum) > TOLERANCE * max(stated.sum, 1.0) or hours.sum() <= 0:
            raise ProfileNotNormalised(f"the weights of profile {name}", float(hours.sum()), stated.sum)
    elif (base := known.get(stated.of or "")) is not None:
        hours = base.week.sum(axis=0)
    else:
        raise SpecError(f"{field}: of {stated.of}, expected a profile stated before it")
    shares = np.roll(hours / hours.sum(), stated.later)
    shares = (1 - stated.flatten) * shares + stated.flatten / 24
    days = np.asarray(stated.weekdays, dtype=float)
    if days.sum() <= 0:
        raise ProfileNotNormalised(f"the weekdays of profile {name}", 0.0, 7.0)
    week = np.outer(days / days.sum(), shares)
    return Profile(stated.title, stated.source, stated.assumption, week)


def _checked_zones(file: Path, place: str, zones: Zones) -> None:
    total = float(sum(zones.values()))
    if abs(total - 1) > TOLERANCE:
        raise ProfileNotNormalised(f"the shares of the time zones of {place}", total, 1.0)
    for zone in zones:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SpecError(f"{file.name}: {place}: {zone}, expected an IANA time zone") from error


@lru_cache(maxsize=8192)
def _local_hours(zone: str, day: date) -> tuple[int, ...]:
    """Hour of the local week (0 = Monday 00:00) at each of the 96 quarter-hours of a UTC date."""
    start, there = datetime(day.year, day.month, day.day, tzinfo=UTC), ZoneInfo(zone)
    quarter = timedelta(minutes=60 // QUARTERS)
    local = [(start + step * quarter).astimezone(there) for step in range(24 * QUARTERS)]
    return tuple(24 * moment.weekday() + moment.hour for moment in local)


def utc_day(profile: Profile, zones: Zones, day: date) -> np.ndarray:
    """Activity (24,) by UTC hour of a UTC date, in weeks' worth: about 1/7 in all.

    a[u] = sum_z share_z mean over the quarter-hours q of u of week[local_z(q)].
    """
    local = profile.week.ravel()
    total = np.zeros(24)
    for zone, share in zones.items():
        at = np.asarray(_local_hours(zone, day))
        total += share * local[at].reshape(24, QUARTERS).mean(axis=1)
    return total


def utc_hours(profile: Profile, zones: Zones, day: date) -> np.ndarray:
    """Share of a UTC date's activity by UTC hour (24,); sums to 1."""
    activity = utc_day(profile, zones, day)
    return np.asarray(activity / activity.sum())


def utc_week(profile: Profile, zones: Zones, monday: date) -> np.ndarray:
    """Share of the activity of the seven UTC dates from ``monday`` by day and UTC hour (7, 24); sums
    to 1. A week in which the clocks change is given as it is."""
    week = np.vstack([utc_day(profile, zones, monday + timedelta(days)) for days in range(7)])
    return np.asarray(week / week.sum())


def season_monday(season: Season, year: int) -> date:
    """Monday of the week that holds 15 January (winter) or 15 July (summer). Seasons are those of
    the northern clock; a southern place has its own offset in the same week."""
    middle = date(year, 1 if season == "winter" else 7, 15)
    return middle - timedelta(middle.weekday())


def hours_of(week: np.ndarray, days: Days = "all") -> np.ndarray:
    """Shares by UTC hour (24,) of a week (7, 24), of its weekdays or of its weekend; sums to 1."""
    rows = {"all": slice(0, 7), "weekday": slice(0, 5), "weekend": slice(5, 7)}[days]
    hours = week[rows].sum(axis=0)
    return np.asarray(hours / hours.sum())


def origin_hours(
    clock: Clock, origins: Sequence[str], monday: date, *, scenario: str = "illustrative", days: Days = "all"
) -> dict[str, np.ndarray]:
    """UTC-hour shares (24,) of each place in the week from ``monday``, under a scenario."""
    stated = clock.scenarios[scenario]
    return {
        place: hours_of(
            utc_week(clock.profiles[stated.profile(place)], clock.origins[place].zones, monday), days
        )
        for place in origins
    }
